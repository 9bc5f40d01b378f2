// Who leads: ElectLeaders, AlterPartition, and the changes that follow when a broker comes, goes or is back.
// Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  ElectLeadersRequest,
  ElectLeadersResponse,
} from '../../protocol/schemas/43-elect-leaders.ts'
import { ELR_FEATURE } from '../metadata/bootstrap.ts'
import { NO_LEADER } from '../metadata/image.ts'
import type { MetadataImage, PartitionImage, TopicImage } from '../metadata/image-types.ts'
import type { MetadataRecord } from '../metadata/records.ts'
import { isUncleanElectionEnabled, minInsyncReplicas } from './configs.ts'
import {
  type ControllerResult,
  type ControllerState,
  isActive,
  isReplicaOnline,
} from './controller-state.ts'
import { type ApiError, apiError, failure, NO_ERROR } from './errors.ts'
import { changePartition, type ElectionKind } from './partition-change.ts'

const PREFERRED = 0
const UNCLEAN = 1

export function electLeaders(
  state: ControllerState,
  request: ElectLeadersRequest,
): ControllerResult<Encodable<ElectLeadersResponse>> {
  const { electionType, topicPartitions } = request
  if (electionType !== PREFERRED && electionType !== UNCLEAN) {
    throw failure(ErrorCode.INVALID_REQUEST, `Unknown election type ${electionType}`)
  }
  const records: MetadataRecord[] = []
  const elect = (topic: string, partition: number) => {
    const { error, record } = electLeader(state, { topic, partition }, electionType)
    if (record !== null) records.push(record)
    return { partitionId: partition, errorCode: error.code, errorMessage: error.message }
  }
  const asked =
    topicPartitions ??
    [...state.image.topicsByName.values()].map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.map(({ partition }) => partition),
    }))
  const isWorthTelling = (result: { errorCode: number }) =>
    topicPartitions !== null || result.errorCode !== ErrorCode.ELECTION_NOT_NEEDED
  const replicaElectionResults = asked.map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partition) => elect(topic, partition)).filter(isWorthTelling),
  }))
  return { records, reply: { errorCode: ErrorCode.NONE, replicaElectionResults } }
}

function electLeader(
  state: ControllerState,
  target: { topic: string; partition: number },
  electionType: number,
): { error: ApiError; record: MetadataRecord | null } {
  const refuse = (error: ApiError) => ({ error, record: null })
  const topic = state.image.topicsByName.get(target.topic)
  if (topic === undefined) {
    const message = `No such topic as ${target.topic}`
    return refuse(apiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message))
  }
  const partition = topic.partitions[target.partition]
  if (partition === undefined) {
    const message = `No such partition as ${target.topic}-${target.partition}`
    return refuse(apiError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message))
  }
  const isPreferred = electionType === PREFERRED
  const isNeeded = isPreferred
    ? partition.leader !== partition.replicas[0]
    : partition.leader === NO_LEADER
  if (!isNeeded) return refuse(apiError(ErrorCode.ELECTION_NOT_NEEDED))
  const record = changePartition({
    topicId: topic.id,
    partition,
    isAcceptableLeader: leaderAcceptor(state.image, partition),
    minIsr: minIsrFor(state, topic.name),
    election: isPreferred ? 'preferred' : 'unclean',
  })
  if (record !== null) return { error: NO_ERROR, record }
  return refuse(
    apiError(
      isPreferred
        ? ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE
        : ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
    ),
  )
}

/** Active brokers whose directory of this partition is there. */
export function leaderAcceptor(
  image: MetadataImage,
  partition: PartitionImage,
  isBrokerGood: (broker: number) => boolean = (broker) => isActive(image, broker),
): (replica: number) => boolean {
  return (replica) => isBrokerGood(replica) && isReplicaOnline(image, partition, replica)
}

export function electionKindFor(state: ControllerState, topic: string): ElectionKind {
  return isUncleanElectionEnabled(state, topic) ? 'unclean' : 'online'
}

/** null where partitions get no eligible leader replicas: eligible.leader.replicas.version is 0. */
export function minIsrFor(state: ControllerState, topic: string): number | null {
  const level = state.image.features.get(ELR_FEATURE) ?? 0
  return level < 1 ? null : minInsyncReplicas(state, topic)
}

interface BrokerChange {
  /** Leaves every ISR and leadership. */
  remove?: number
  /** Leaves every ISR, ELR and leadership: what it had may be gone. */
  removeUnclean?: number
  /** May lead from now on, whatever the image still says of it. */
  add?: number
}

/** What a broker's coming or going does to partitions, as far as one turn takes it; repair.ts does the rest. */
export interface BrokerChanges {
  readonly records: readonly MetadataRecord[]
  /** false: `changesPerTurnMax` were reached. */
  readonly isComplete: boolean
}

/** Changes of the first `max` partitions that `isAffected` picks. */
function leaderAndIsrChanges(
  state: ControllerState,
  change: BrokerChange,
  pick: { max: number; isAffected: (partition: PartitionImage) => boolean },
): BrokerChanges {
  const { image } = state
  const isBrokerGood = (broker: number) =>
    broker !== change.remove &&
    broker !== change.removeUnclean &&
    (broker === change.add || isActive(image, broker))
  const records: MetadataRecord[] = []
  for (const topic of image.topicsById.values()) {
    const changed = changerFor(state, topic, { isBrokerGood, uncleanReplica: change.removeUnclean })
    for (const partition of topic.partitions) {
      if (!pick.isAffected(partition)) continue
      if (records.length >= pick.max) return { records, isComplete: false }
      const targetIsr = partition.isr.filter(
        (replica) => replica !== change.remove && replica !== change.removeUnclean,
      )
      const record = changed(partition, targetIsr)
      if (record !== null) records.push(record)
    }
  }
  return { records, isComplete: true }
}

/** Gives partitions of `topic` another ISR, and a leader out of it; the topic's settings are looked up once. */
export function changerFor(
  state: ControllerState,
  topic: TopicImage,
  options: { isBrokerGood?: (broker: number) => boolean; uncleanReplica?: number | undefined } = {},
): (partition: PartitionImage, targetIsr: readonly number[]) => MetadataRecord | null {
  let settings: { minIsr: number | null; election: ElectionKind } | null = null
  return (partition, targetIsr) => {
    settings ??= {
      minIsr: minIsrFor(state, topic.name),
      election: electionKindFor(state, topic.name),
    }
    return changePartition({
      topicId: topic.id,
      partition,
      isAcceptableLeader: leaderAcceptor(state.image, partition, options.isBrokerGood),
      uncleanReplica: options.uncleanReplica,
      targetIsr,
      ...settings,
    })
  }
}

/** A broker goes: out of the ISRs and leaderships that it has. */
export function brokerRemovalChanges(state: ControllerState, brokerId: number): BrokerChanges {
  const isAffected = ({ isr }: PartitionImage) => isr.includes(brokerId)
  const max = state.settings.changesPerTurnMax
  return leaderAndIsrChanges(state, { remove: brokerId }, { max, isAffected })
}

/** The same, where its replicas are in directories that it has lost. */
export function directoryLossChanges(
  state: ControllerState,
  brokerId: number,
  lost: readonly string[],
): BrokerChanges {
  const isAffected = ({ isr, replicas, directories }: PartitionImage) => {
    const directory = directories[replicas.indexOf(brokerId)]
    return isr.includes(brokerId) && directory !== undefined && lost.includes(directory)
  }
  const max = state.settings.changesPerTurnMax
  return leaderAndIsrChanges(state, { remove: brokerId }, { max, isAffected })
}

/** A broker came back without what it had: also out of every ELR. */
export function uncleanRemovalChanges(state: ControllerState, brokerId: number): BrokerChanges {
  const isAffected = ({ isr, elr }: PartitionImage) =>
    isr.includes(brokerId) || elr.includes(brokerId)
  const max = state.settings.changesPerTurnMax
  return leaderAndIsrChanges(state, { removeUnclean: brokerId }, { max, isAffected })
}

/** A broker may lead again: partitions without a leader may get it. */
export function brokerReturnChanges(state: ControllerState, brokerId: number): BrokerChanges {
  const isAffected = ({ leader }: PartitionImage) => leader === NO_LEADER
  const max = state.settings.changesPerTurnMax
  return leaderAndIsrChanges(state, { add: brokerId }, { max, isAffected })
}

/** In how many partitions that are led the broker leads or is in sync; counted up to `max`. */
export function countPlaces(
  image: MetadataImage,
  brokerId: number,
  max = Number.POSITIVE_INFINITY,
): number {
  let count = 0
  for (const topic of image.topicsById.values()) {
    for (const { leader, isr } of topic.partitions) {
      if (leader === NO_LEADER) continue
      if (leader === brokerId || isr.includes(brokerId)) count += 1
      if (count >= max) return count
    }
  }
  return count
}

export function leadsAny(image: MetadataImage, brokerId: number): boolean {
  for (const topic of image.topicsById.values()) {
    for (const partition of topic.partitions) if (partition.leader === brokerId) return true
  }
  return false
}

/** Up to `max` partitions go back to their preferred leader. `reply`: more may be left. */
export function balanceLeaders(state: ControllerState, max: number): ControllerResult<boolean> {
  const isWanted = ({ leader, replicas }: PartitionImage) => leader !== replicas[0]
  return runElections(state, 'preferred', { max, isWanted })
}

/** The same for partitions without a leader whose topics allow the loss of data. */
export function electUncleanLeaders(
  state: ControllerState,
  max: number,
): ControllerResult<boolean> {
  const isWanted = (partition: PartitionImage, topic: TopicImage) =>
    partition.leader === NO_LEADER && isUncleanElectionEnabled(state, topic.name)
  return runElections(state, 'unclean', { max, isWanted })
}

function runElections(
  state: ControllerState,
  election: ElectionKind,
  pick: { max: number; isWanted: (partition: PartitionImage, topic: TopicImage) => boolean },
): ControllerResult<boolean> {
  const records: MetadataRecord[] = []
  for (const topic of state.image.topicsById.values()) {
    for (const partition of topic.partitions) {
      if (!pick.isWanted(partition, topic)) continue
      const record = changePartition({
        topicId: topic.id,
        partition,
        isAcceptableLeader: leaderAcceptor(state.image, partition),
        minIsr: minIsrFor(state, topic.name),
        election,
      })
      if (record !== null) records.push(record)
      if (records.length >= pick.max) return { records, reply: true }
    }
  }
  return { records, reply: false }
}
