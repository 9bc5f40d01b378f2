import type { BrokerAction, PartitionImpact } from '../../contracts/brokers.ts'

export interface ImpactPartition {
  readonly topic: string
  readonly partition: number
  readonly leader: number | null
  /** The preferred leader first. */
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly minInsyncReplicas: number | null
}

interface Situation {
  readonly action: BrokerAction
  readonly broker: number
  readonly online: ReadonlySet<number>
}

/**
 * What each partition of the broker goes through. A broker that goes leaves every ISR but the one
 * it is the last member of: that partition waits for it, offline.
 */
export function impactOn(
  partitions: Iterable<ImpactPartition>,
  situation: Situation,
): PartitionImpact[] {
  const impact: PartitionImpact[] = []
  for (const partition of partitions)
    if (partition.replicas.includes(situation.broker))
      impact.push(
        situation.action === 'start'
          ? afterStart(partition, situation.broker)
          : afterEnd(partition, situation),
      )
  return impact
}

function impactOf(
  partition: ImpactPartition,
  after: { leader: number | null; isr: readonly number[]; effect: PartitionImpact['effect'] },
): PartitionImpact {
  return {
    topic: partition.topic,
    partition: partition.partition,
    leaderBefore: partition.leader,
    leaderAfter: after.leader,
    isrBefore: [...partition.isr],
    isrAfter: [...after.isr],
    replicas: [...partition.replicas],
    minInsyncReplicas: partition.minInsyncReplicas,
    effect: after.effect,
  }
}

function afterEnd(partition: ImpactPartition, { broker, online }: Situation): PartitionImpact {
  const others = partition.isr.filter((id) => id !== broker)
  const isr = others.length === 0 ? partition.isr : others
  const candidate = partition.replicas.find((id) => others.includes(id) && online.has(id)) ?? null
  const leader = partition.leader === broker ? candidate : partition.leader
  return impactOf(partition, { leader, isr, effect: effectOf(partition, leader, others.length) })
}

function effectOf(
  partition: ImpactPartition,
  leader: number | null,
  inSync: number,
): PartitionImpact['effect'] {
  if (leader === null) return 'offline'
  const minimum = Math.min(partition.minInsyncReplicas ?? 1, partition.replicas.length)
  if (inSync < minimum) return 'refuses-writes'
  if (leader !== partition.leader) return 'leader-moves'
  return inSync < partition.isr.length ? 'isr-shrinks' : 'none'
}

function afterStart(partition: ImpactPartition, broker: number): PartitionImpact {
  const isr = partition.isr.includes(broker) ? partition.isr : [...partition.isr, broker]
  const canLead = partition.leader === null && partition.isr.includes(broker)
  const leader = canLead ? broker : partition.leader
  const changes = leader !== partition.leader || isr !== partition.isr
  return impactOf(partition, { leader, isr, effect: changes ? 'recovers' : 'none' })
}

/** Whether the voters left are too few to decide anything. */
export function losesQuorum(
  voters: readonly number[],
  { action, broker, online }: Situation,
): boolean {
  if (action === 'start' || !voters.includes(broker)) return false
  const left = voters.filter((id) => id !== broker && online.has(id)).length
  return left < Math.floor(voters.length / 2) + 1
}
