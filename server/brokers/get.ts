import type { BrokerDetail, GetBrokerInput } from '../../contracts/brokers.ts'
import {
  readBrokerInventory,
  readClusterInventory,
  readTopicDetails,
} from '../clusters/inventory.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { getBrokerAsItWas } from '../events/brokers-as-they-were.ts'
import { fetchLogDirs } from '../kafka/log-dirs.ts'
import { brokerItemOf } from './list.ts'
import { readBrokerProcesses } from './processes.ts'

const LIVE_TIMEOUT_MS = 1_500

/** From the inventory; sizes of its replicas from the broker itself, if it answers in time. */
export async function getBroker({
  input,
}: {
  ctx: ServiceContext
  input: GetBrokerInput
}): Promise<BrokerDetail> {
  if (input.at !== undefined) return getBrokerAsItWas(input, input.at)
  const cluster = clusterOf(input.cluster)
  const [{ asOf }, rows, processes, details, sizes] = await Promise.all([
    readClusterInventory(cluster.id),
    readBrokerInventory(cluster.id),
    readBrokerProcesses(cluster),
    readTopicDetails(cluster.id, null),
    replicaSizes(cluster.client, input.broker),
  ])
  const row = rows.find((broker) => broker.id === input.broker)
  if (row === undefined) throw refusal('broker-unknown', { broker: input.broker })
  const partitions = details.flatMap(({ item, detail }) =>
    detail.partitions.flatMap(([partition, leader, , replicas, isr, , , , leaderSize]) => {
      if (!replicas.includes(input.broker)) return []
      const isLeader = leader === input.broker
      const size = sizes?.get(`${partition} ${item.name}`) ?? (isLeader ? leaderSize : null)
      return [
        {
          topic: item.name,
          partition,
          isLeader,
          isPreferred: replicas[0] === input.broker,
          isInSync: isr.includes(input.broker),
          sizeBytes: size,
        },
      ]
    }),
  )
  partitions.sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
  return {
    ...brokerItemOf(row, processes.get(row.id) ?? null),
    logDirs: [...row.logDirs],
    partitions,
    asOf,
  }
}

/** Null when the broker does not answer. */
async function replicaSizes(
  client: Parameters<typeof fetchLogDirs>[0],
  brokerId: number,
): Promise<Map<string, number> | null> {
  try {
    const dirs = await fetchLogDirs(client, brokerId, null, { timeoutMs: LIVE_TIMEOUT_MS })
    const replicas = dirs.flatMap((dir) => dir.replicas)
    return new Map(replicas.map((r) => [`${r.partition} ${r.topic}`, r.sizeBytes] as const))
  } catch {
    // A broker that is down: the page shows what is known of it.
    return null
  }
}
