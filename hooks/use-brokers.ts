'use client'

import {
  type BrokerAction,
  getBrokerContract,
  killBrokerContract,
  listBrokersContract,
  pauseBrokerContract,
  startBrokerContract,
  stopBrokerContract,
} from '../contracts/brokers.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'

const actionContracts = {
  stop: stopBrokerContract,
  kill: killBrokerContract,
  pause: pauseBrokerContract,
  start: startBrokerContract,
} as const

export const useBrokers = (cluster: string, enabled = true) =>
  useApiQuery({
    queryKey: keys.brokers(cluster),
    contract: listBrokersContract,
    request: () => ({ params: { cluster } }),
    poll: 'live',
    enabled,
  })

export const useBroker = (cluster: string, broker: number) =>
  useApiQuery({
    queryKey: keys.broker(cluster, broker),
    contract: getBrokerContract,
    request: () => ({ params: { cluster, broker } }),
    poll: 'live',
  })

export const useBrokerAction = (cluster: string, broker: number, action: BrokerAction) =>
  useApiMutation({
    contract: actionContracts[action],
    request: (given: { dryRun: boolean }) => ({ params: { cluster, broker }, body: given }),
    stale: [keys.clusters],
  })

/** What the action would do, asked of the cluster each time the sheet opens. */
export const useBrokerActionPreview = (cluster: string, broker: number, action: BrokerAction) =>
  useApiQuery({
    queryKey: [...keys.broker(cluster, broker), 'preview', action],
    contract: actionContracts[action],
    request: () => ({ params: { cluster, broker }, body: { dryRun: true } }),
    poll: 'once',
  })
