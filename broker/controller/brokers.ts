// Brokers come and go: registration, heartbeats, fencing, controlled shutdown, unregistration. Records change the
// image; sessions are touched here too, for they only say when a broker was heard.
//
//   fenced      --heartbeat, caught up with its registration-->  unfenced
//   unfenced    --session over, judged dead, or asked to--------> fenced: out of every ISR and leadership
//   unfenced    --wants to shut down----------------------------> controlled shutdown: leads nothing more
//   controlled shutdown --everyone knows------------------------> fenced, may go
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
} from '../../protocol/schemas/62-broker-registration.ts'
import type {
  BrokerHeartbeatRequest,
  BrokerHeartbeatResponse,
} from '../../protocol/schemas/63-broker-heartbeat.ts'
import type {
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
} from '../../protocol/schemas/64-unregister-broker.ts'
import { METADATA_VERSION_FEATURE } from '../metadata/bootstrap.ts'
import type { BrokerImage, MetadataImage } from '../metadata/image-types.ts'
import { createRecord, type MetadataRecord } from '../metadata/records.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'
import {
  type BrokerChanges,
  brokerRemovalChanges,
  brokerReturnChanges,
  countPlaces,
  directoryLossChanges,
  leadsAny,
  uncleanRemovalChanges,
} from './elections.ts'
import { failure } from './errors.ts'

/** The first hundred ids are no names of directories but say something about them. */
const RESERVED_DIRECTORY = /^A{20}[A-Y]/

/** Throws KafkaError STALE_BROKER_EPOCH. */
export function checkBrokerEpoch(image: MetadataImage, brokerId: number, epoch: number): void {
  const broker = image.brokers.get(brokerId)
  if (broker === undefined) {
    const message = `No broker registration found for broker id ${brokerId}`
    throw failure(ErrorCode.STALE_BROKER_EPOCH, message)
  }
  if (broker.epoch !== epoch) {
    const message = `Expected broker epoch ${broker.epoch}, but got broker epoch ${epoch}`
    throw failure(ErrorCode.STALE_BROKER_EPOCH, message)
  }
}

export function registerBroker(
  state: ControllerState,
  request: BrokerRegistrationRequest,
): ControllerResult<Encodable<BrokerRegistrationResponse>> {
  const { image, settings, sessions, nowMs } = state
  if (request.clusterId !== settings.clusterId) {
    throw failure(
      ErrorCode.INCONSISTENT_CLUSTER_ID,
      `Expected cluster ID ${settings.clusterId}, but got cluster ID ${request.clusterId}`,
    )
  }
  const existing = image.brokers.get(request.brokerId)
  const isSameIncarnation = existing?.incarnationId === request.incarnationId
  if (existing !== undefined && !isSameIncarnation && isStillThere(state, existing, request)) {
    throw failure(
      ErrorCode.DUPLICATE_BROKER_REGISTRATION,
      'Another broker is registered with that broker id.',
    )
  }
  if (request.isMigratingZkBroker) {
    throw failure(
      ErrorCode.BROKER_ID_NOT_REGISTERED,
      'Controller does not support registering ZK brokers.',
    )
  }
  checkDirectories(image, request)
  checkFeatures(image, request)
  if (!isSameIncarnation && holdsMany(state, request.brokerId)) {
    // Not in one turn, and the new incarnation may not be seen in places of the old one: it asks again.
    return {
      records: fenceBroker(state, request.brokerId),
      reply: { errorCode: ErrorCode.REQUEST_TIMED_OUT, brokerEpoch: -1 },
    }
  }

  const cleanUp = isSameIncarnation ? NOTHING_TO_CHANGE : cleanUpChanges(state, existing, request)
  if (!cleanUp.isComplete) return registerLater(state, request.brokerId, cleanUp.records)
  const brokerEpoch = isSameIncarnation ? existing.epoch : state.nextOffset
  const registration = createRecord('registerBroker', {
    brokerId: request.brokerId,
    incarnationId: request.incarnationId,
    brokerEpoch,
    endPoints: request.listeners,
    features: request.features,
    rack: request.rack,
    logDirs: request.logDirs,
    ...(isSameIncarnation
      ? { fenced: existing.isFenced, inControlledShutdown: existing.inControlledShutdown }
      : {}),
  })
  const registrationOffset = state.nextOffset + cleanUp.records.length
  sessions.start(request.brokerId, { nowMs, registrationOffset })
  return {
    records: [...cleanUp.records, registration],
    reply: { errorCode: ErrorCode.NONE, brokerEpoch },
  }
}

const NOTHING_TO_CHANGE: BrokerChanges = { records: [], isComplete: true }

/** What the one before was eligible for is taken from it in pieces: nobody may elect it meanwhile. */
function registerLater(
  state: ControllerState,
  brokerId: number,
  cleanUp: readonly MetadataRecord[],
): ControllerResult<Encodable<BrokerRegistrationResponse>> {
  const fencing = fenceBroker(state, brokerId)
  return {
    records: fencing.length > 0 ? fencing : cleanUp,
    reply: { errorCode: ErrorCode.REQUEST_TIMED_OUT, brokerEpoch: -1 },
    isUnfinished: true,
  }
}

/**
 * A new incarnation is in sync with nobody. Unless it knows the epoch of the one before, which it only does when
 * nothing was lost in between, what it had on disk may be gone: then it is not eligible either.
 */
function cleanUpChanges(
  state: ControllerState,
  existing: BrokerImage | undefined,
  request: BrokerRegistrationRequest,
): BrokerChanges {
  const isClean = existing !== undefined && request.previousBrokerEpoch === existing.epoch
  return isClean
    ? brokerRemovalChanges(state, request.brokerId)
    : uncleanRemovalChanges(state, request.brokerId)
}

/**
 * Whether the incarnation that is registered must be taken for alive. Its session says so, unless it never
 * reached this controller and the new one shows that it has gone.
 */
function isStillThere(
  state: ControllerState,
  existing: BrokerImage,
  request: BrokerRegistrationRequest,
): boolean {
  const { sessions, settings, nowMs, activeSinceMs } = state
  if (existing.isFenced || existing.inControlledShutdown) return false
  if (!sessions.isValid(existing.id, nowMs)) return false
  if (sessions.isHeard(existing.id)) return true
  // The broker of this very process, or one whose clean shutdown left its epoch behind.
  if (existing.id === settings.nodeId) return false
  if (request.previousBrokerEpoch === existing.epoch) return false
  const isPlaceTaken =
    existing.endpoints.every(({ host, port }) =>
      request.listeners.some((listener) => listener.host === host && listener.port === port),
    ) && existing.logDirs.every((directory) => request.logDirs.includes(directory))
  return !isPlaceTaken || nowMs - activeSinceMs < settings.firstContactTimeoutMs
}

function checkDirectories(image: MetadataImage, request: BrokerRegistrationRequest): void {
  const refuse = (message: string) => failure(ErrorCode.INVALID_REGISTRATION, message)
  const { logDirs } = request
  if (logDirs.length === 0) throw refuse('No directories specified in request')
  if (logDirs.some((directory) => RESERVED_DIRECTORY.test(directory))) {
    throw refuse('Reserved directory ID in request')
  }
  if (new Set(logDirs).size !== logDirs.length) {
    throw refuse('Duplicate directory ID in request')
  }
  for (const broker of image.brokers.values()) {
    const shared = logDirs.find((directory) => broker.logDirs.includes(directory))
    if (broker.id !== request.brokerId && shared !== undefined) {
      throw refuse(`Broker ${broker.id} is already registered with directory ${shared}`)
    }
  }
}

/** A broker that does not know a finalized level could not read what is written at it. */
function checkFeatures(image: MetadataImage, request: BrokerRegistrationRequest): void {
  const supported = new Map(request.features.map((feature) => [feature.name, feature]))
  for (const [name, level] of image.features) {
    const isMetadataVersion = name === METADATA_VERSION_FEATURE
    // Brokers that say nothing are taken for the oldest there are.
    const min = supported.get(name)?.minSupportedVersion ?? (isMetadataVersion ? 1 : 0)
    const max = supported.get(name)?.maxSupportedVersion ?? (isMetadataVersion ? 1 : 0)
    if (level >= min && level <= max) continue
    throw failure(
      ErrorCode.UNSUPPORTED_VERSION,
      `Unable to register because the broker does not support finalized version ${level} of ` +
        `${name}. The broker wants a version between ${min} and ${max}, inclusive.`,
    )
  }
}

function holdsMany({ image, settings }: ControllerState, brokerId: number): boolean {
  const max = settings.changesPerTurnMax
  return countPlaces(image, brokerId, max + 1) > max
}

/**
 * A broker goes, or a directory, with the record that says so. Where its places are too many for one turn that comes
 * first: from then on it gets no new ones while it loses those it has.
 */
function departure({ records, isComplete }: BrokerChanges, farewell: MetadataRecord) {
  return isComplete ? [...records, farewell] : [farewell, ...records]
}

/** As when its session ends: leaves every ISR and leadership, then is fenced. */
export function fenceBroker(state: ControllerState, brokerId: number): MetadataRecord[] {
  const broker = state.image.brokers.get(brokerId)
  if (broker === undefined || broker.isFenced) return []
  state.sessions.end(brokerId)
  state.sessions.endControlledShutdown(brokerId)
  const about = { brokerId, brokerEpoch: broker.epoch }
  const fencing = createRecord('brokerRegistrationChange', { ...about, fenced: 1 })
  return departure(brokerRemovalChanges(state, brokerId), fencing)
}

/** The broker that has been silent longest, null when none was for a whole session. */
export function findStaleBroker(state: ControllerState): number | null {
  const { image, sessions, nowMs } = state
  let stalest: number | null = null
  for (const broker of image.brokers.values()) {
    if (broker.isFenced || sessions.isValid(broker.id, nowMs)) continue
    const isStaler =
      stalest === null || sessions.lastContactMs(broker.id) < sessions.lastContactMs(stalest)
    if (isStaler) stalest = broker.id
  }
  return stalest
}

export function unregisterBroker(
  state: ControllerState,
  request: UnregisterBrokerRequest,
): ControllerResult<Encodable<UnregisterBrokerResponse>> {
  const broker = state.image.brokers.get(request.brokerId)
  if (broker === undefined) {
    const message = `Broker ID ${request.brokerId} is not currently registered`
    throw failure(ErrorCode.BROKER_ID_NOT_REGISTERED, message)
  }
  state.sessions.remove(broker.id)
  const removal = createRecord('unregisterBroker', {
    brokerId: broker.id,
    brokerEpoch: broker.epoch,
  })
  return {
    records: departure(brokerRemovalChanges(state, broker.id), removal),
    reply: { errorCode: ErrorCode.NONE },
  }
}

type BrokerStatus = 'fenced' | 'unfenced' | 'controlled shutdown' | 'may go'

export function brokerHeartbeat(
  state: ControllerState,
  request: BrokerHeartbeatRequest,
): ControllerResult<Encodable<BrokerHeartbeatResponse>> {
  const { image, sessions, nowMs } = state
  const { brokerId, brokerEpoch, currentMetadataOffset: metadataOffset } = request
  checkBrokerEpoch(image, brokerId, brokerEpoch)
  const broker = image.brokers.get(brokerId) as BrokerImage
  const registrationOffset = sessions.registrationOffset(brokerId) ?? brokerEpoch
  const current = statusOf(broker)
  const next = nextStatus(state, request, { current, registrationOffset })
  const records = current === next ? [] : transitionRecords(state, broker, next)
  const isFenced = next === 'fenced' || next === 'may go'
  if (!sessions.has(brokerId)) sessions.start(brokerId, { nowMs, registrationOffset })
  sessions.touch(brokerId, { nowMs, metadataOffset })
  if (isFenced) sessions.endControlledShutdown(brokerId)
  if (next === 'controlled shutdown') {
    sessions.beginControlledShutdown(brokerId, state.nextOffset + records.length - 1)
  }
  return {
    records: [
      ...records,
      ...offlineDirectoryRecords(state, broker, request.offlineLogDirs),
      ...cordonedDirectoryRecords(image, broker, request.cordonedLogDirs),
    ],
    reply: {
      errorCode: ErrorCode.NONE,
      isCaughtUp: metadataOffset >= registrationOffset,
      isFenced,
      shouldShutDown: next === 'may go',
    },
  }
}

function statusOf(broker: BrokerImage): BrokerStatus {
  if (broker.isFenced) return 'fenced'
  return broker.inControlledShutdown ? 'controlled shutdown' : 'unfenced'
}

function nextStatus(
  state: ControllerState,
  request: BrokerHeartbeatRequest,
  known: { current: BrokerStatus; registrationOffset: number },
): BrokerStatus {
  const { current, registrationOffset } = known
  const { brokerId, wantFence, wantShutDown, currentMetadataOffset } = request
  if (current === 'fenced') {
    if (wantShutDown) return 'may go'
    const mayUnfence = !wantFence && currentMetadataOffset >= registrationOffset
    // Places it had when it was fenced are still being taken from it.
    return mayUnfence && countPlaces(state.image, brokerId, 1) === 0 ? 'unfenced' : 'fenced'
  }
  if (current === 'unfenced') {
    if (wantFence) return wantShutDown ? 'may go' : 'fenced'
    if (!wantShutDown) return 'unfenced'
    const mustHandOver = leadsAny(state.image, brokerId) || holdsMany(state, brokerId)
    return mustHandOver ? 'controlled shutdown' : 'may go'
  }
  if (countPlaces(state.image, brokerId, 1) > 0) return current
  const shutdownOffset = state.sessions.controlledShutdownOffset(brokerId)
  // A new controller does not know when the shutdown began: no later than the present end of the log.
  const isEveryoneTold = shutdownOffset >= 0 && shutdownOffset <= lowestActiveOffset(state)
  return isEveryoneTold ? 'may go' : current
}

/** How far the slowest active broker has come; Infinity when there is none. */
function lowestActiveOffset({ image, sessions }: ControllerState): number {
  let lowest = Number.POSITIVE_INFINITY
  for (const broker of image.brokers.values()) {
    if (broker.isFenced || broker.inControlledShutdown) continue
    lowest = Math.min(lowest, sessions.metadataOffset(broker.id))
  }
  return lowest
}

function transitionRecords(
  state: ControllerState,
  broker: BrokerImage,
  next: BrokerStatus,
): MetadataRecord[] {
  const about = { brokerId: broker.id, brokerEpoch: broker.epoch }
  switch (next) {
    case 'fenced':
    case 'may go':
      return fenceBroker(state, broker.id)
    case 'unfenced':
      return [
        createRecord('brokerRegistrationChange', { ...about, fenced: -1 }),
        ...brokerReturnChanges(state, broker.id).records,
      ]
    case 'controlled shutdown':
      return [
        createRecord('brokerRegistrationChange', { ...about, inControlledShutdown: 1 }, 1),
        ...brokerRemovalChanges(state, broker.id).records,
      ]
  }
}

/** Directories that the broker has lost since it registered: nothing in them leads or is in sync. */
function offlineDirectoryRecords(
  state: ControllerState,
  broker: BrokerImage,
  offlineLogDirs: readonly string[],
): MetadataRecord[] {
  const lost = broker.logDirs.filter((directory) => offlineLogDirs.includes(directory))
  if (lost.length === 0) return []
  const logDirs = broker.logDirs.filter((directory) => !lost.includes(directory))
  const about = { brokerId: broker.id, brokerEpoch: broker.epoch, logDirs }
  return departure(
    directoryLossChanges(state, broker.id, lost),
    createRecord('brokerRegistrationChange', about, 2),
  )
}

/** 4.3-IV0: the first metadata version that knows of cordoned directories. */
const CORDONED_METADATA_VERSION = 30

/** Where new replicas are not to go, as the broker tells it from its cordoned.log.dirs; null: it does not say. */
function cordonedDirectoryRecords(
  image: MetadataImage,
  broker: BrokerImage,
  told: readonly string[] | null,
): MetadataRecord[] {
  const version = image.features.get(METADATA_VERSION_FEATURE) ?? 0
  if (told === null || version < CORDONED_METADATA_VERSION) return []
  const known = new Set(broker.cordonedLogDirs ?? [])
  if (told.length === known.size && told.every((id) => known.has(id))) return []
  const about = { brokerId: broker.id, brokerEpoch: broker.epoch, cordonedLogDirs: [...told] }
  return [createRecord('brokerRegistrationChange', about, 3)]
}
