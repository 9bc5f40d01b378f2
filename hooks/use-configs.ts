'use client'

import type { z } from 'zod'
import { listConfigChangesContract } from '../contracts/audit.ts'
import {
  getBrokerConfigsContract,
  getTopicConfigsContract,
  listTopicConfigDefaultsContract,
  patchBrokerConfigsContract,
  patchTopicConfigsContract,
} from '../contracts/configs.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'

export type ConfigEntity =
  | { readonly type: 'topic'; readonly topic: string }
  | { readonly type: 'broker'; readonly broker: number }
  | { readonly type: 'broker-default' }

const brokerOf = (entity: ConfigEntity): number | 'default' =>
  entity.type === 'broker' ? entity.broker : 'default'

export const useConfigs = (cluster: string, entity: ConfigEntity) => {
  const isTopic = entity.type === 'topic'
  const topic = isTopic ? entity.topic : ''
  const broker = brokerOf(entity)
  const ofTopic = useApiQuery({
    queryKey: keys.topicConfigs(cluster, topic),
    contract: getTopicConfigsContract,
    request: () => ({ params: { cluster, topic } }),
    poll: 'once',
    enabled: isTopic,
  })
  const ofBroker = useApiQuery({
    queryKey: keys.brokerConfigs(cluster, broker),
    contract: getBrokerConfigsContract,
    request: () => ({ params: { cluster, broker } }),
    poll: 'once',
    enabled: !isTopic,
  })
  return isTopic ? ofTopic : ofBroker
}

type Patch = z.input<typeof patchTopicConfigsContract.body>

export const usePatchConfigs = (cluster: string, entity: ConfigEntity) => {
  const topic = entity.type === 'topic' ? entity.topic : ''
  const broker = brokerOf(entity)
  const stale = [keys.cluster(cluster)]
  const ofTopic = useApiMutation({
    contract: patchTopicConfigsContract,
    request: (body: Patch) => ({ params: { cluster, topic }, body }),
    stale,
  })
  const ofBroker = useApiMutation({
    contract: patchBrokerConfigsContract,
    request: (body: Patch) => ({ params: { cluster, broker }, body }),
    stale,
  })
  return entity.type === 'topic' ? ofTopic : ofBroker
}

export const useTopicConfigDefaults = (cluster: string, enabled: boolean) =>
  useApiQuery({
    queryKey: keys.topicConfigDefaults(cluster),
    contract: listTopicConfigDefaultsContract,
    request: () => ({ params: { cluster } }),
    poll: 'once',
    enabled,
  })

export type ConfigChangesQuery = z.input<typeof listConfigChangesContract.query>

export const useConfigChanges = (cluster: string, query: ConfigChangesQuery) =>
  useApiQuery({
    queryKey: keys.configChanges(cluster, query),
    contract: listConfigChangesContract,
    request: () => ({ params: { cluster }, query }),
    poll: 'once',
  })
