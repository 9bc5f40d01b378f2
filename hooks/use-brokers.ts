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
import { useAt } from './use-at.ts'

const actionContracts = {
  stop: stopBrokerContract,
  kill: killBrokerContract,
  pause: pauseBrokerContract,
  start: startBrokerContract,
} as const

export const useBrokers = (cluster: string, enabled = true) => {
  const at = useAt()
  return useApiQuery({
    queryKey: [...keys.brokers(cluster), at.query],
    contract: listBrokersContract,
    request: () => ({ params: { cluster }, query: at.query }),
    poll: at.poll,
    enabled,
  })
}

export const useBroker = (cluster: string, broker: number) => {
  const at = useAt()
  return useApiQuery({
    queryKey: [...keys.broker(cluster, broker), at.query],
    contract: getBrokerContract,
    request: () => ({ params: { cluster, broker }, query: at.query }),
    poll: at.poll,
  })
}

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
