import type { ElectionPartition, ElectLeadersInput } from '../../contracts/elections.ts'
import type { PartitionState, TopicState } from '../kafka/types.ts'

type Wish = Pick<ElectLeadersInput, 'partitions' | 'topic' | 'broker'>

/**
 * What a preferred election would do. Partitions already led by their preferred replica are
 * `not-needed` and only listed when they were named; a preferred replica that is down or not in the
 * ISR makes the move `not-possible`.
 */
export function planElection(
  topics: readonly TopicState[],
  online: ReadonlySet<number>,
  wish: Wish,
): ElectionPartition[] {
  const named = namedPartitions(wish)
  return topics.flatMap((topic) =>
    topic.partitions
      .filter((partition) => isWished(topic.name, partition, wish, named))
      .map((partition) => planPartition(topic.name, partition, online))
      .filter((item) => named !== null || item.outcome !== 'not-needed'),
  )
}

function namedPartitions(wish: Wish): ReadonlyMap<string, ReadonlySet<number>> | null {
  if (wish.partitions === null) return null
  const named = new Map<string, Set<number>>()
  for (const { topic, partition } of wish.partitions) {
    const set = named.get(topic) ?? new Set<number>()
    set.add(partition)
    named.set(topic, set)
  }
  return named
}

function isWished(
  topic: string,
  partition: PartitionState,
  wish: Wish,
  named: ReadonlyMap<string, ReadonlySet<number>> | null,
): boolean {
  if (wish.topic !== null && wish.topic !== topic) return false
  if (wish.broker !== null && partition.replicas[0] !== wish.broker) return false
  return named === null || (named.get(topic)?.has(partition.partition) ?? false)
}

function planPartition(
  topic: string,
  state: PartitionState,
  online: ReadonlySet<number>,
): ElectionPartition {
  const preferred = state.replicas[0] ?? -1
  const isPossible = state.isr.includes(preferred) && online.has(preferred)
  const outcome =
    state.leader === preferred ? 'not-needed' : isPossible ? 'will-move' : 'not-possible'
  return {
    topic,
    partition: state.partition,
    leaderBefore: state.leader,
    leaderAfter: outcome === 'will-move' ? preferred : state.leader,
    preferred,
    replicas: [...state.replicas],
    isr: [...state.isr],
    outcome,
    error:
      outcome === 'not-possible'
        ? {
            code: 'PREFERRED_LEADER_NOT_AVAILABLE',
            message: online.has(preferred)
              ? `broker ${preferred} is not in sync`
              : `broker ${preferred} is offline`,
          }
        : null,
  }
}

export interface LeaderCount {
  broker: number
  leaders: number
}

/** Leaders per broker; `moves` are counted as done. */
export function countLeaders(
  topics: readonly TopicState[],
  brokerIds: Iterable<number>,
  moves: readonly ElectionPartition[] = [],
): LeaderCount[] {
  const moved = new Map<string, number | null>()
  for (const move of moves) moved.set(`${move.topic}/${move.partition}`, move.leaderAfter)
  const counts = new Map<number, number>()
  for (const id of brokerIds) counts.set(id, 0)
  for (const topic of topics) {
    for (const { partition, leader } of topic.partitions) {
      const key = `${topic.name}/${partition}`
      const after = moved.has(key) ? (moved.get(key) ?? null) : leader
      if (after !== null) counts.set(after, (counts.get(after) ?? 0) + 1)
    }
  }
  return [...counts].sort(([a], [b]) => a - b).map(([broker, leaders]) => ({ broker, leaders }))
}
