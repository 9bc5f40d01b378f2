import type { BrokerDetail, BrokerItem, ListBrokersOutput } from '../../contracts/brokers.ts'
import { refusal } from '../errors.ts'
import { type PastState, readPast } from './as-it-was.ts'
import { type BrokerFigures, brokerFiguresAt } from './broker-figures.ts'
import type { BrokerFacts, ClusterFacts } from './facts.ts'
import { pastOf } from './past-samples.ts'

type Share = Pick<BrokerItem, 'leaders' | 'preferredLeaders' | 'replicas' | 'replicasOutOfSync'>

/** Their state from the events, their figures from the samples up to then. */
export async function listBrokersAsTheyWere(
  input: { cluster: string },
  atMs: number,
): Promise<ListBrokersOutput> {
  const past = await readPast(input.cluster, atMs)
  const shares = sharesOf(past.facts)
  const figures = await brokerFiguresAt(pastOf(input.cluster, atMs), past.facts.brokers)
  const items = [...past.facts.brokers]
    .sort(([a], [b]) => a - b)
    .map(([id, broker]) =>
      itemOf(past, id, { broker, share: shares.get(id), figures: figures(id) }),
    )
  return { items, total: items.length, asOf: past.asOf }
}

function sharesOf(facts: ClusterFacts): Map<number, Share> {
  const shares = new Map<number, Share>()
  const shareOf = (id: number): Share => {
    const share = shares.get(id) ?? noShare()
    shares.set(id, share)
    return share
  }
  for (const { partitions } of facts.topics.values()) {
    for (const [leader, replicas, isr] of partitions) {
      if (leader !== null) shareOf(leader).leaders++
      for (const [index, id] of replicas.entries()) {
        const share = shareOf(id)
        share.replicas++
        if (index === 0) share.preferredLeaders++
        if (!isr.includes(id)) share.replicasOutOfSync++
      }
    }
  }
  return shares
}

function noShare(): Share {
  return { leaders: 0, preferredLeaders: 0, replicas: 0, replicasOutOfSync: 0 }
}

function itemOf(
  { facts, atMs }: PastState,
  id: number,
  known: { broker: BrokerFacts; share: Share | undefined; figures: BrokerFigures },
): BrokerItem {
  const { broker, share, figures } = known
  const isOnline = broker.state === 'online'
  const startedAt = isOnline ? broker.startedAt : null
  return {
    ...{ id, host: broker.host, port: broker.port, rack: broker.rack, version: broker.version },
    ...{ isOnline, isFenced: false, isController: facts.controllerId === id },
    ...(share ?? noShare()),
    ...{ startedAt, uptimeMs: startedAt === null ? null : Math.max(0, atMs - startedAt) },
    offlineSince: isOnline ? null : broker.sinceMs,
    ...figures,
    process: null,
    metricsMissing: metricsMissing(isOnline, figures),
  }
}

/** Its size is not told by metrics. */
function metricsMissing(
  isOnline: boolean,
  { sizeBytes: _, ...told }: BrokerFigures,
): string | null {
  if (Object.values(told).some((figure) => figure !== null)) return null
  return isOnline ? 'no-sample-then' : 'offline'
}

/** Sizes of single partitions and of directories are not sampled: null, and none. */
export async function getBrokerAsItWas(
  input: { cluster: string; broker: number },
  atMs: number,
): Promise<BrokerDetail> {
  const past = await readPast(input.cluster, atMs)
  const { facts } = past
  const broker = facts.brokers.get(input.broker)
  if (broker === undefined) throw refusal('broker-unknown', { broker: input.broker })
  const partitions = [...facts.topics.values()].flatMap((topic) =>
    topic.partitions.flatMap(([leader, replicas, isr], partition) => {
      if (!replicas.includes(input.broker)) return []
      return {
        ...{ topic: topic.name, partition, sizeBytes: null },
        isLeader: leader === input.broker,
        isPreferred: replicas[0] === input.broker,
        isInSync: isr.includes(input.broker),
      }
    }),
  )
  partitions.sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
  const own = new Map([[input.broker, broker]])
  const figures = await brokerFiguresAt(pastOf(input.cluster, atMs), own)
  const share = sharesOf(facts).get(input.broker)
  const item = itemOf(past, input.broker, { broker, share, figures: figures(input.broker) })
  return { ...item, logDirs: [], partitions, asOf: past.asOf }
}
