// Drives the controller on the metadata quorum: while this node leads, it runs operations on an image that holds
// everything appended so far, appends their records, and replies once they are committed. When leadership goes,
// whatever was not committed is forgotten and its askers are told NOT_CONTROLLER. Nothing survives a crash but
// the log.
import type { Api, Encodable } from '../../protocol/api.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import {
  BrokerHeartbeat,
  type BrokerHeartbeatRequest,
} from '../../protocol/schemas/63-broker-heartbeat.ts'
import { bootstrapRecords, needsBootstrap } from '../metadata/bootstrap.ts'
import { applyRecords } from '../metadata/image.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import type { CommitFollower } from '../metadata/publisher.ts'
import { createRecord, type MetadataRecord } from '../metadata/records.ts'
import type { LeaderAndEpoch, QuorumVersion, RaftClient } from '../raft/types.ts'
import type { Logger, Runtime, TimerHandle } from '../runtime/runtime.ts'
import { nextTurn } from '../runtime/turns.ts'
import { BackgroundChanges } from './background-changes.ts'
import { BrokerSessions } from './broker-sessions.ts'
import { fenceBroker, findStaleBroker } from './brokers.ts'
import { staticMinIsr } from './configs.ts'
import type { ControllerResult, ControllerSettings, ControllerState } from './controller-state.ts'
import { failure } from './errors.ts'
import type { FailureDetectorSettings } from './failure-detector.ts'
import { FailureProber } from './failure-prober.ts'
import { runRequest } from './requests.ts'
import type {
  ControllerMeter,
  ControllerRequestContext,
  HeartbeatConnection,
  LocalController,
} from './types.ts'

export interface ControllerNodeSettings extends ControllerSettings {
  /** broker.session.timeout.ms */
  sessionTimeoutMs: number
  /** metadata.max.idle.interval.ms; 0 for no such records. */
  maxIdleIntervalMs: number
  autoLeaderRebalanceEnable: boolean
  /** leader.imbalance.check.interval.seconds */
  leaderImbalanceCheckIntervalMs: number
  /** unclean.leader.election.interval.ms */
  uncleanElectionIntervalMs: number
  /** Operations appended and not yet committed; further ones are refused. */
  pendingOperationsMax: number
  /** Leaders moved by one run of the periodic rebalance, or of unclean elections. */
  maxElectionsPerRun: number
  /** Records one request may cause, and one batch may hold. */
  requestRecordsMax: number
  batchRecordsMax: number
  failureDetection: FailureDetectorSettings
}

export const defaultControllerNodeSettings = {
  sessionTimeoutMs: 9000,
  maxIdleIntervalMs: 500,
  autoLeaderRebalanceEnable: true,
  leaderImbalanceCheckIntervalMs: 300_000,
  uncleanElectionIntervalMs: 300_000,
  pendingOperationsMax: 10_000,
  requestRecordsMax: 10_000,
  batchRecordsMax: 2000,
  firstContactTimeoutMs: 500,
  maxElectionsPerRun: 1000,
  changesPerTurnMax: 200,
}

export interface ControllerNodeOptions {
  runtime: Runtime
  raft: RaftClient
  /** Left out: kraft.version is 0 and stays so. */
  quorumVersion?: QuorumVersion
  /** Gives the committed image; attach the node to it before it starts. */
  committed: { readonly committedImage: MetadataImage }
  settings: ControllerNodeSettings
  meter?: ControllerMeter
}

interface PendingReply {
  readonly offset: number
  resolve(): void
  reject(error: KafkaError): void
}

/** One leadership of this node. */
interface Term {
  readonly epoch: number
  readonly sinceMs: number
  readonly sessions: BrokerSessions
  readonly prober: FailureProber
  readonly background: BackgroundChanges
  /** Committed state and everything appended on top of it. */
  image: MetadataImage
  pending: PendingReply[]
  lastAppendedOffset: number
  lastAppendMs: number
  lastTickMs: number
  tickTimer: TimerHandle | null
  firstContactTimer: TimerHandle | null
}

const TICK_MS = 250
/** A turn of the clock that took this much longer than it should was a standstill. */
const STANDSTILL_MS = 1000

export class ControllerNode implements LocalController, CommitFollower {
  readonly #runtime: Runtime
  readonly #raft: RaftClient
  readonly #quorumVersion: QuorumVersion | null
  readonly #settings: ControllerNodeSettings
  readonly #committed: { readonly committedImage: MetadataImage }
  readonly #logger: Logger
  readonly #meter: ControllerMeter
  #term: Term | null = null
  #isClosed = false

  constructor(options: ControllerNodeOptions) {
    this.#runtime = options.runtime
    this.#raft = options.raft
    this.#quorumVersion = options.quorumVersion ?? null
    this.#committed = options.committed
    this.#settings = options.settings
    this.#meter = options.meter ?? new Unmeasured()
    this.#logger = options.runtime.logger.child(`[Controller ${options.settings.nodeId}]`)
  }

  get isActive(): boolean {
    return this.#term !== null
  }

  /** What the next operation will be decided on; the committed image while this node does not lead. */
  get image(): MetadataImage {
    return this.#term?.image ?? this.#committed.committedImage
  }

  /** Milliseconds since each broker was last heard; empty while this node does not lead. */
  heartbeatAgesMs(): ReadonlyMap<number, number> {
    const ages = new Map<number, number>()
    const term = this.#term
    if (term === null) return ages
    for (const id of term.image.brokers.keys()) {
      const ageMs = this.#nowMs() - term.sessions.lastContactMs(id)
      if (Number.isFinite(ageMs)) ages.set(id, Math.max(0, ageMs))
    }
    return ages
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    const isLeader = leader.leaderId === this.#settings.nodeId
    if (isLeader && this.#term?.epoch === leader.epoch) return
    this.#endTerm()
    if (isLeader && !this.#isClosed) this.#beginTerm(leader.epoch)
  }

  handleCommitted(image: MetadataImage): void {
    const term = this.#term
    if (term === null) return
    if (image.offset >= term.lastAppendedOffset) term.image = image
    const count = term.pending.findIndex(({ offset }) => offset > image.offset)
    const done = term.pending.splice(0, count < 0 ? term.pending.length : count)
    for (const reply of done) reply.resolve()
  }

  async handle<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    context: ControllerRequestContext,
  ): Promise<Encodable<Response>> {
    let kraftVersion: number | undefined
    let isUnfinished = false
    const epoch = this.#term?.epoch ?? -1
    const operation = (state: ControllerState) => {
      const result = runRequest(state, api, { request, version: context.apiVersion })
      this.#checkSize(result)
      kraftVersion = result.kraftVersion
      isUnfinished = result.isUnfinished === true
      return result
    }
    let reply = await this.#submit(operation)
    while (isUnfinished) {
      const dueMs = this.#nowMs()
      await nextTurn(this.#runtime.timers)
      reply = await this.#submit(operation, dueMs)
    }
    if (kraftVersion !== undefined) await this.#upgradeQuorum(epoch, kraftVersion)
    this.#follow(api.key, request)
    return reply
  }

  watchHeartbeats(brokerId: number, connection: HeartbeatConnection): void {
    this.#term?.prober.watch(brokerId, connection)
  }

  close(): void {
    this.#isClosed = true
    this.#endTerm()
  }

  #checkSize({ records, isAtomic = false }: ControllerResult<unknown>): void {
    // Fencing and registering touch every partition of a broker and are split; a request must be whole.
    const isWhole = isAtomic || records.some(({ type }) => type === 'topic' || type === 'partition')
    if (isWhole && records.length > this.#settings.requestRecordsMax) {
      const message = 'Unable to perform excessively large batch operation.'
      throw failure(ErrorCode.POLICY_VIOLATION, message)
    }
  }

  /** What a request means beyond its records. */
  #follow(apiKey: number, request: unknown): void {
    const term = this.#term
    if (term === null) return
    if (apiKey === BrokerHeartbeat.key) {
      // Safe because requests are decoded with the schema of their key.
      const { brokerId, brokerEpoch } = request as BrokerHeartbeatRequest
      term.prober.heartbeat({ id: brokerId, epoch: brokerEpoch })
    } else if (apiKey === ALTER_CONFIGS || apiKey === INCREMENTAL_ALTER_CONFIGS) {
      term.background.uncleanElectionsAreDue(this.#nowMs())
    }
  }

  #nowMs(): number {
    return this.#runtime.clock.monotonicMs()
  }

  #state(term: Term): ControllerState {
    return {
      image: term.image,
      sessions: term.sessions,
      settings: this.#settings,
      random: this.#runtime.random,
      nowMs: this.#nowMs(),
      activeSinceMs: term.sinceMs,
      nextOffset: this.#raft.logEndOffset,
      ...this.#quorumState(term),
    }
  }

  #quorumState({ epoch }: Term): Pick<ControllerState, 'quorum'> {
    const version = this.#quorumVersion
    if (version === null) return {}
    const check = (level: number) => version.checkKRaftUpgrade(epoch, level)?.errorMessage ?? null
    return { quorum: { kraftVersion: version.kraftVersion, check } }
  }

  /** Throws KafkaError when it does not become `level`. */
  async #upgradeQuorum(epoch: number, level: number): Promise<void> {
    const refusal = await this.#quorumVersion?.upgradeKRaftVersion(epoch, level)
    if (refusal) throw failure(refusal.errorCode, refusal.errorMessage)
  }

  #beginTerm(epoch: number): void {
    const nowMs = this.#nowMs()
    const settings = this.#settings
    const image = this.#committed.committedImage
    const sessions = new BrokerSessions(settings.sessionTimeoutMs)
    for (const { id, epoch: registrationOffset } of image.brokers.values()) {
      sessions.start(id, { nowMs, registrationOffset })
    }
    const prober = new FailureProber({
      runtime: this.#runtime,
      logger: this.#logger,
      nodeId: settings.nodeId,
      settings: settings.failureDetection,
      image: () => this.image,
      fence: (brokerId) => this.fence(brokerId),
    })
    const term: Term = {
      epoch,
      sinceMs: nowMs,
      sessions,
      prober,
      background: this.#backgroundChanges(nowMs),
      image,
      pending: [],
      lastAppendedOffset: -1,
      lastAppendMs: nowMs,
      lastTickMs: nowMs,
      tickTimer: null,
      firstContactTimer: null,
    }
    this.#term = term
    this.#meter.terms += 1
    this.#logger.log('info', 'is the active controller', { epoch, offset: image.offset })
    if (needsBootstrap(image)) this.#append(term, bootstrapRecords(staticMinIsr(settings)))
    // The controller before this one may have been in the middle of it.
    term.background.startRepair()
    term.tickTimer = this.#runtime.timers.set(TICK_MS, () => this.#tick(term))
    term.firstContactTimer = this.#runtime.timers.set(settings.firstContactTimeoutMs, () =>
      this.#probeSilentBrokers(term),
    )
  }

  /** Of the term that is beginning; closed when it ends. */
  #backgroundChanges(nowMs: number): BackgroundChanges {
    const term = (): Term => {
      if (this.#term === null) throw failure(ErrorCode.NOT_CONTROLLER)
      return this.#term
    }
    return new BackgroundChanges(
      {
        timers: this.#runtime.timers,
        logger: this.#logger,
        settings: this.#settings,
        state: () => this.#state(term()),
        append: (records) => this.#append(term(), records),
        queue: (operation) => {
          const dueMs = this.#nowMs()
          return () => this.#meter.measure(operation, dueMs)
        },
      },
      nowMs,
    )
  }

  #endTerm(): void {
    const term = this.#term
    if (term === null) return
    this.#term = null
    this.#runtime.timers.clear(term.tickTimer)
    this.#runtime.timers.clear(term.firstContactTimer)
    term.prober.close()
    term.background.close()
    const { epoch } = term
    this.#logger.log('info', 'is no longer the active controller', { epoch })
    for (const reply of term.pending) reply.reject(failure(ErrorCode.NOT_CONTROLLER))
  }

  /** Resolves once committed; a mere read once everything it has seen is. */
  #submit<Reply>(
    operation: (state: ControllerState) => ControllerResult<Reply>,
    dueMs?: number,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const term = this.#term
      if (term === null) throw failure(ErrorCode.NOT_CONTROLLER)
      if (term.pending.length >= this.#settings.pendingOperationsMax) {
        this.#meter.operationsTimedOut += 1
        throw failure(ErrorCode.REQUEST_TIMED_OUT, 'The controller is overloaded.')
      }
      const { appended, reply } = this.#meter.measure(() => {
        const { records, reply } = operation(this.#state(term))
        return { appended: records.length === 0 ? null : this.#append(term, records), reply }
      }, dueMs)
      const offset = appended ?? term.pending.at(-1)?.offset ?? null
      if (offset === null) resolve(reply)
      else term.pending.push({ offset, resolve: () => resolve(reply), reject })
    })
  }

  /** Last offset. Throws KafkaError NOT_CONTROLLER when this node does not lead that epoch any more. */
  #append(term: Term, records: readonly MetadataRecord[]): number {
    const { batchRecordsMax, requestRecordsMax } = this.#settings
    const isSplit =
      records.length > requestRecordsMax || !records.some(({ type }) => type === 'topic')
    const batchSize = isSplit ? batchRecordsMax : records.length
    for (let start = 0; start < records.length; start += batchSize) {
      const batch = records.slice(start, start + batchSize)
      const lastOffset = this.#raft.scheduleAppend(
        term.epoch,
        batch.map(({ framed }) => framed),
      )
      if (lastOffset === null) {
        this.#endTerm()
        throw failure(ErrorCode.NOT_CONTROLLER)
      }
      term.image = applyRecords(term.image, batch, { offset: lastOffset, epoch: term.epoch }).image
      term.lastAppendedOffset = lastOffset
    }
    term.lastAppendMs = this.#nowMs()
    term.background.noteAppended(records)
    return term.lastAppendedOffset
  }

  #tick(term: Term): void {
    if (this.#term !== term) return
    const nowMs = this.#nowMs()
    const dueMs = term.lastTickMs + TICK_MS
    const standstillMs = nowMs - dueMs
    term.lastTickMs = nowMs
    if (standstillMs > STANDSTILL_MS) term.sessions.extend(standstillMs)
    term.tickTimer = this.#runtime.timers.set(TICK_MS, () => this.#tick(term))
    try {
      this.#meter.measure(() => this.#maintain(term, nowMs), dueMs)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
    }
  }

  /** Throws KafkaError NOT_CONTROLLER when leadership goes meanwhile. */
  #maintain(term: Term, nowMs: number): void {
    const settings = this.#settings
    for (let id = findStaleBroker(this.#state(term)); id !== null; ) {
      this.#logger.log('info', 'fences a broker whose session has ended', { broker: id })
      this.#meter.sessionsTimedOut += 1
      this.#append(term, fenceBroker(this.#state(term), id))
      id = findStaleBroker(this.#state(term))
    }
    term.background.runDueElections(nowMs)
    const isIdle = nowMs - term.lastAppendMs >= settings.maxIdleIntervalMs - TICK_MS / 2
    if (settings.maxIdleIntervalMs > 0 && isIdle) this.#append(term, [createRecord('noOp', {})])
  }

  #probeSilentBrokers(term: Term): void {
    if (this.#term !== term) return
    for (const broker of term.image.brokers.values()) {
      if (!term.sessions.isHeard(broker.id)) term.prober.suspect(broker.id)
    }
  }

  /** Fences a broker: exactly what the end of its session does. No effect while this is not the active controller. */
  fence(brokerId: number): void {
    this.#submit((state) => ({ records: fenceBroker(state, brokerId), reply: null })).catch(
      (error: unknown) => {
        this.#logger.log('info', 'could not fence a dead broker', { broker: brokerId, error })
      },
    )
  }
}

const ALTER_CONFIGS = 33
const INCREMENTAL_ALTER_CONFIGS = 44

/** Where nobody looks. */
class Unmeasured implements ControllerMeter {
  operationsTimedOut = 0
  terms = 0
  sessionsTimedOut = 0

  measure<Result>(operation: () => Result): Result {
    return operation()
  }
}
