// The broker's side of its life in the cluster: registers with the active controller, sends heartbeats, asks to be
// unfenced once this broker is ready, and to be let go when it stops. Speaks over a connection of its own, whose
// end tells the controller that this process may be dead. A new process is a new incarnation (incarnation.ts).
//
//   starting --caught up with its registration--> recovery --unfenced--> running --> pending shutdown --> stopped
import type { Api, Encodable } from '../../protocol/api.ts'
import { ErrorCode, errorName, KafkaError } from '../../protocol/errors.ts'
import {
  BrokerRegistration,
  type BrokerRegistrationRequest,
} from '../../protocol/schemas/62-broker-registration.ts'
import {
  BrokerHeartbeat,
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
} from '../../protocol/schemas/63-broker-heartbeat.ts'
import type { BrokerEndpointImage } from '../metadata/image-types.ts'
import type { CommitFollower } from '../metadata/publisher.ts'
import { LeaderPeer } from '../network/leader-peer.ts'
import { type PeerClient, PeerError } from '../network/types.ts'
import type { LeaderAndEpoch } from '../raft/types.ts'
import type { Endpoint, Logger, Runtime, TimerHandle } from '../runtime/runtime.ts'
import { registeredFeatures, registeredListeners } from './registration.ts'
import type { LocalController } from './types.ts'

export interface BrokerLifecycleSettings {
  /** broker.heartbeat.interval.ms */
  heartbeatIntervalMs: number
  /** How long an answer is waited for before the connection is given up. */
  requestTimeoutMs: number
  retryBackoffMs: number
  retryBackoffMaxMs: number
}

const defaultBrokerLifecycleSettings: BrokerLifecycleSettings = {
  heartbeatIntervalMs: 2000,
  requestTimeoutMs: 4500,
  retryBackoffMs: 50,
  retryBackoffMaxMs: 500,
}

export interface BrokerLifecycleOptions {
  runtime: Runtime
  nodeId: number
  clusterId: string
  rack: string | null
  /** What clients and other brokers are told; the first one is what the controller probes. */
  endpoints: readonly BrokerEndpointImage[]
  /** Directory ids. */
  logDirs: readonly string[]
  /** Ids of the directories that cordoned.log.dirs names; null where that is not to be told. */
  cordonedLogDirs?: () => string[] | null
  /** Made up when left out. */
  incarnationId?: string
  /** Of the run before this one if it left all it had, else -1. */
  previousBrokerEpoch: number
  /** Awaited before anything is done as that registration. */
  onRegistered?: (brokerEpoch: number) => Promise<void>
  quorum: { readonly leaderAndEpoch: LeaderAndEpoch }
  localController: LocalController | null
  controllerEndpoints: Pick<ReadonlyMap<number, Endpoint>, 'get'>
  connect: (endpoint: Endpoint) => PeerClient
  /** Metadata offset that every part of this broker has dealt with. */
  appliedOffset: () => number
  settings?: Partial<BrokerLifecycleSettings>
}

/** A response as a controller in this process gives it: fields may be left out. */
type Answer<Response> = Encodable<Response> & { errorCode?: number | undefined }

export type BrokerState = 'starting' | 'recovery' | 'running' | 'pending shutdown' | 'stopped'

const FIRST_CATCH_UP_DELAY_MS = 10
const FIRST_SHUTDOWN_DELAY_MS = 50

export class BrokerLifecycle implements CommitFollower {
  readonly incarnationId: string
  readonly #options: BrokerLifecycleOptions
  readonly #settings: BrokerLifecycleSettings
  readonly #logger: Logger
  readonly #caughtUp = new Milestone()
  readonly #unfenced = new Milestone()
  readonly #letGo = new Milestone()
  #state: BrokerState = 'starting'
  #brokerEpoch = -1
  #isRegistered = false
  #isReady = false
  #isFenced = true
  /** By directory id, reached once the controller knows. */
  readonly #offlineLogDirs = new Map<string, Milestone>()
  readonly #peer: LeaderPeer
  #isInFlight = false
  /** The next communication follows at once. */
  #isUrgent = false
  #failures = 0
  #shutdownDelayMs = FIRST_SHUTDOWN_DELAY_MS
  #timer: TimerHandle | null = null
  #lastError = ''

  constructor(options: BrokerLifecycleOptions) {
    this.#options = options
    this.#peer = new LeaderPeer(options)
    this.#settings = { ...defaultBrokerLifecycleSettings, ...options.settings }
    this.#logger = options.runtime.logger.child(`[Broker lifecycle ${options.nodeId}]`)
    this.incarnationId = options.incarnationId ?? options.runtime.random.uuid()
  }

  get state(): BrokerState {
    return this.#state
  }

  /** -1 before the first registration. */
  get brokerEpoch(): number {
    return this.#brokerEpoch
  }

  /** As the controller last said. */
  get isFenced(): boolean {
    return this.#isFenced
  }

  /** Resolves once this broker knows all metadata up to its own registration. Call once. */
  start(): Promise<void> {
    this.#schedule(0)
    return this.#caughtUp.promise
  }

  /** This broker is ready to lead and follow. Resolves once the controller has unfenced it. */
  setReadyToUnfence(): Promise<void> {
    this.#isReady = true
    this.#hurry()
    return this.#unfenced.promise
  }

  /** A log directory failed: what is in it leads no more. Resolves once the controller has heard of it. */
  reportOfflineDirectory(directoryId: string): Promise<void> {
    let known = this.#offlineLogDirs.get(directoryId)
    if (known === undefined) {
      known = new Milestone()
      this.#offlineLogDirs.set(directoryId, known)
    }
    this.#hurry()
    return known.promise
  }

  /** Resolves once the controller lets this broker go: true; or after `timeoutMs`: false. */
  async controlledShutdown(timeoutMs: number): Promise<boolean> {
    if (this.#state !== 'running') {
      this.close()
      return false
    }
    this.#state = 'pending shutdown'
    this.#hurry()
    const { timers } = this.#options.runtime
    let timer: TimerHandle | null = null
    const timeout = new Promise<boolean>((resolve) => {
      timer = timers.set(timeoutMs, () => resolve(false))
    })
    const wasLetGo = await Promise.race([this.#letGo.promise.then(() => true), timeout])
    timers.clear(timer)
    this.close()
    return wasLetGo
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    this.#peer.dropOthers(leader.leaderId)
    // A new controller probes whoever does not reach it soon.
    if (leader.leaderId !== null) this.#hurry()
  }

  close(): void {
    this.#state = 'stopped'
    this.#options.runtime.timers.clear(this.#timer)
    this.#timer = null
    this.#peer.drop()
  }

  #hurry(): void {
    this.#failures = 0
    if (this.#isInFlight) this.#isUrgent = true
    else this.#schedule(0)
  }

  #schedule(delayMs: number): void {
    const { timers } = this.#options.runtime
    timers.clear(this.#timer)
    this.#timer = null
    if (this.#state === 'stopped') return
    const isUrgent = this.#isUrgent
    this.#isUrgent = false
    // Safe to let go: #communicate turns every failure into a later attempt.
    this.#timer = timers.set(isUrgent ? 0 : delayMs, () => void this.#communicate())
  }

  async #communicate(): Promise<void> {
    this.#timer = null
    if (this.#isInFlight || this.#state === 'stopped') return
    this.#isInFlight = true
    let delayMs: number | null
    try {
      delayMs = this.#isRegistered ? await this.#heartbeat() : await this.#register()
    } catch (error) {
      if (!(error instanceof KafkaError) && !(error instanceof PeerError)) throw error
      this.#logOnce(error.message)
      delayMs = null
    } finally {
      this.#isInFlight = false
    }
    if (delayMs === null) {
      delayMs = Math.min(
        this.#settings.retryBackoffMs * 2 ** this.#failures,
        this.#settings.retryBackoffMaxMs,
      )
      this.#failures += 1
    } else {
      this.#failures = 0
      this.#lastError = ''
    }
    this.#schedule(delayMs)
  }

  /** Gives the delay until the next communication, null after an error. */
  async #register(): Promise<number | null> {
    const { nodeId, clusterId, rack, endpoints, logDirs, previousBrokerEpoch } = this.#options
    const request: BrokerRegistrationRequest = {
      brokerId: nodeId,
      clusterId,
      incarnationId: this.incarnationId,
      listeners: registeredListeners(endpoints),
      features: registeredFeatures(),
      rack,
      isMigratingZkBroker: false,
      logDirs: [...logDirs].sort(),
      previousBrokerEpoch,
    }
    const response = await this.#send(BrokerRegistration, request)
    if (response.errorCode !== ErrorCode.NONE) {
      this.#logOnce(`cannot register: ${errorName(response.errorCode ?? -1)}`)
      return null
    }
    const brokerEpoch = response.brokerEpoch ?? -1
    await this.#options.onRegistered?.(brokerEpoch)
    this.#brokerEpoch = brokerEpoch
    this.#isRegistered = true
    this.#logger.log('info', 'is registered', { epoch: this.#brokerEpoch })
    return 0
  }

  async #heartbeat(): Promise<number | null> {
    const request: BrokerHeartbeatRequest = {
      brokerId: this.#options.nodeId,
      brokerEpoch: this.#brokerEpoch,
      currentMetadataOffset: this.#options.appliedOffset(),
      wantFence: !this.#isReady,
      wantShutDown: this.#state === 'pending shutdown',
      offlineLogDirs: [...this.#offlineLogDirs.keys()],
      // What is cordoned may have changed with metadata that this broker does not know yet.
      cordonedLogDirs:
        this.#state === 'starting' ? null : (this.#options.cordonedLogDirs?.() ?? null),
    }
    const response = await this.#send(BrokerHeartbeat, request)
    if (response.errorCode === ErrorCode.NONE) {
      for (const told of request.offlineLogDirs) this.#offlineLogDirs.get(told)?.reach()
      return this.#onHeartbeat(response)
    }
    this.#logOnce(`heartbeat was refused: ${errorName(response.errorCode ?? -1)}`)
    // The controller does not know this registration any more.
    if (response.errorCode === ErrorCode.STALE_BROKER_EPOCH) this.#isRegistered = false
    return null
  }

  #onHeartbeat(response: Encodable<BrokerHeartbeatResponse>): number {
    this.#isFenced = response.isFenced ?? true
    if (this.#state === 'starting') {
      if (response.isCaughtUp !== true) return FIRST_CATCH_UP_DELAY_MS
      this.#state = 'recovery'
      this.#caughtUp.reach()
    }
    if (this.#state === 'recovery' && !this.#isFenced) {
      this.#state = 'running'
      this.#logger.log('info', 'is unfenced', { epoch: this.#brokerEpoch })
      this.#unfenced.reach()
    }
    if (this.#state !== 'pending shutdown') return this.#settings.heartbeatIntervalMs
    if (response.shouldShutDown === true) {
      this.#letGo.reach()
      return this.#settings.heartbeatIntervalMs
    }
    const delayMs = this.#shutdownDelayMs
    this.#shutdownDelayMs = Math.min(delayMs * 2, this.#settings.retryBackoffMaxMs)
    return delayMs
  }

  /** Throws PeerError or KafkaError when the controller cannot be asked. */
  async #send<Request, Response extends { errorCode: number }>(
    api: Api<Request, Response>,
    request: Encodable<Request> & Request,
  ): Promise<Answer<Response>> {
    const { nodeId, localController, quorum } = this.#options
    const { leaderId } = quorum.leaderAndEpoch
    const noController = new KafkaError(ErrorCode.NOT_CONTROLLER, 'there is no active controller')
    if (leaderId === null) throw noController
    if (leaderId === nodeId && localController !== null) {
      const context = { principal: 'User:ANONYMOUS', clientId: null, apiVersion: api.maxVersion }
      return localController.handle(api, request, context).catch(refusalOf<Response>)
    }
    const client = this.#peer.of(leaderId)
    if (client === null) throw noController
    const { requestTimeoutMs } = this.#settings
    const response = await client.send(api, request, { timeoutMs: requestTimeoutMs })
    // Safe because a decoded response has every field.
    return response as Answer<Response>
  }

  /** The same trouble is told once, however often it is met. */
  #logOnce(reason: string): void {
    if (reason === this.#lastError) return
    this.#lastError = reason
    this.#logger.log('info', 'could not reach the controller', { reason })
  }
}

/** A refusal as it would come over the wire; that nobody leads here is thrown on. */
function refusalOf<Response>(error: unknown): Answer<Response> {
  const isRefusal = error instanceof KafkaError && error.code !== ErrorCode.NOT_CONTROLLER
  // Safe because every field but the error may be left out, and only the error is read.
  if (isRefusal) return { errorCode: error.code } as Answer<Response>
  throw error
}

/** Something that happens once and can be waited for. */
class Milestone {
  readonly promise: Promise<void>
  #resolve: () => void = () => undefined

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  reach(): void {
    this.#resolve()
  }
}
