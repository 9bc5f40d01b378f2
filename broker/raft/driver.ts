// One member of the metadata quorum: carries out what the Raft core decides, over the network and
// on disk, and serves the quorum's requests. Opened by main.ts. Epoch and vote are on disk before
// anything that follows from them leaves this node; log records count only once synced.
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { Log } from '../log/types.ts'
import type { ChannelMetrics } from '../metrics/channel-metrics.ts'
import type { Endpoint, Logger, Runtime, TimerHandle } from '../runtime/runtime.ts'
import { AddressBook, bootstrapIds } from './address-book.ts'
import { CommitFeed } from './commit-feed.ts'
import type { Output } from './core-types.ts'
import { describeQuorum } from './describe.ts'
import { type AppendBatch, leadBatch } from './lead-batches.ts'
import { LogCleaning } from './log-cleaning.ts'
import { LogWriter } from './log-writer.ts'
import { Peers } from './peers.ts'
import {
  type QuorumStateFileOptions,
  readQuorumState,
  writeQuorumState,
} from './quorum-state-file.ts'
import { RaftCore } from './raft-core.ts'
import { RaftFigures } from './raft-figures.ts'
import { RequestHandlers } from './request-handlers.ts'
import { sendToPeer } from './send.ts'
import { coreTimings, type RaftSettings, selfOf } from './settings.ts'
import { SnapshotStore } from './snapshots.ts'
import { loadLog, loadQuorumChanges } from './storage.ts'
import type {
  LeaderAndEpoch,
  QuorumInfo,
  RaftClient,
  RaftEndpoint,
  RaftListener,
  VoterEndpoints,
} from './types.ts'
import { type Refusal, VoterChanges } from './voter-changes.ts'
import type { Learn, WireContext } from './wire.ts'

export interface RaftNodeOptions {
  runtime: Runtime
  settings: RaftSettings
  /** Of `__cluster_metadata-0`, open; closed by whoever opened it, after `shutdown`. */
  log: Log
  traffic?: ChannelMetrics
  /** The disk failed or an invariant broke: the process must end. */
  onFatal(error: Error): void
}

/** How long a leader that shuts down waits for the others to hear of it. */
const RESIGN_WAIT_MS = 1000
/** A timer that comes so late came after a standstill. */
const STANDSTILL_MS = 100

export class RaftNode implements RaftClient, RaftEndpoint, VoterEndpoints {
  readonly nodeId: number
  readonly figures: RaftFigures
  readonly #runtime: Runtime
  readonly #logger: Logger
  readonly #settings: RaftSettings
  readonly #log: Log
  readonly #wire: WireContext & { learn: Learn }
  readonly #addresses: AddressBook
  readonly #stateFile: QuorumStateFileOptions
  readonly #snapshots: SnapshotStore
  readonly #core: RaftCore
  readonly #writer: LogWriter
  readonly #cleaning: LogCleaning
  readonly #feed: CommitFeed
  readonly #peers: Peers
  readonly #requests: RequestHandlers
  readonly #voterChanges: VoterChanges
  readonly #onFatal: (error: Error) => void
  readonly #waiting = new Map<number, (reply: never) => void>()
  #outputs: (Output | AppendBatch)[] = []
  #isPersisting = false
  #isDraining = false
  #isClosed = false
  #nextToken = 1
  #timer: TimerHandle | null = null
  #timerDueMs = Number.POSITIVE_INFINITY
  #whenResigned: (() => void) | null = null

  private constructor(
    options: RaftNodeOptions,
    parts: { snapshots: SnapshotStore; stateFile: QuorumStateFileOptions; core: RaftCore },
  ) {
    const { settings, runtime, log } = options
    const { snapshots } = parts
    this.nodeId = settings.nodeId
    this.#runtime = runtime
    this.figures = new RaftFigures(runtime.clock)
    this.#logger = runtime.logger.child(`[Raft node ${settings.nodeId}]`)
    this.#settings = settings
    this.#log = log
    this.#snapshots = snapshots
    this.#stateFile = parts.stateFile
    this.#core = parts.core
    this.#onFatal = options.onFatal
    this.#addresses = new AddressBook({
      bootstrap: settings.bootstrapServers ?? [],
      voterEndpoint: (nodeId) => this.#voterEndpoint(nodeId),
    })
    this.#wire = {
      ...settings,
      endpointOf: (nodeId) => this.#addresses.get(nodeId),
      learn: (nodeId, endpoint) => this.#addresses.learn(nodeId, endpoint),
    }
    this.#feed = new CommitFeed({
      log,
      snapshots,
      timers: runtime.timers,
      failed: (error) => this.#fail(error),
    })
    this.#peers = new Peers({
      runtime,
      nodeId: settings.nodeId,
      endpointOf: (nodeId) => this.#addresses.get(nodeId),
      requestTimeoutMs: settings.requestTimeoutMs,
      traffic: options.traffic,
      onRefused: (nodeId) => this.#step((core, nowMs) => core.leaderRefused(nowMs, nodeId)),
    })
    this.#requests = new RequestHandlers({
      core: parts.core,
      log,
      snapshots,
      settings,
      wire: this.#wire,
      clock: runtime.clock,
      isClosed: () => this.#isClosed,
      ask: (run) => this.#ask(run),
      step: (run) => this.#step(run),
    })
    this.#voterChanges = new VoterChanges({
      core: parts.core,
      runtime,
      settings,
      isClosed: () => this.#isClosed,
      step: (run) => this.#step(run),
    })
    this.#cleaning = new LogCleaning({
      log,
      snapshots,
      runtime,
      maxRetentionBytes: settings.maxRetentionBytes,
      maxRetentionMs: settings.maxRetentionMs,
      moved: (startOffset) => this.#step((core) => core.logStartMoved(startOffset)),
      failed: (error) => this.#fail(error),
    })
    this.#writer = new LogWriter({
      log,
      snapshots,
      timers: runtime.timers,
      appendLingerMs: settings.appendLingerMs,
      events: {
        written: (endOffset) => this.#step((core, nowMs) => core.written(nowMs, endOffset)),
        flushed: (endOffset) => this.#step((core, nowMs) => core.flushed(nowMs, endOffset)),
        truncated: () => this.#step((core, nowMs) => core.truncated(nowMs)),
        chunkStored: (id, change) =>
          this.#step((core, nowMs) => core.chunkStored(nowMs, id, change)),
        installed: (id) => this.#step((core, nowMs) => core.snapshotInstalled(nowMs, id)),
        failed: (error) => this.#fail(error),
      },
    })
  }

  /** Reads what earlier lives left and takes part in the quorum from here on. */
  static async open(options: RaftNodeOptions): Promise<RaftNode> {
    const { runtime, settings, log } = options
    const voters = [...settings.voters.keys()]
    const { disk, clock } = runtime
    const stateFile = { disk, directory: log.directory }
    // A vote on disk is worth nothing in a directory that a power loss takes away.
    await disk.syncDirectory(log.directory.slice(0, log.directory.lastIndexOf('/')))
    const election = await readQuorumState(stateFile)
    const snapshots = await SnapshotStore.open({
      disk,
      directory: log.directory,
      nowMs: clock.nowMs,
    })
    const state = await loadLog(log, snapshots)
    const core = new RaftCore({
      nodeId: settings.nodeId,
      directoryId: settings.directoryId,
      changes: await loadQuorumChanges(log, snapshots),
      self: selfOf(settings),
      joinsByItself: settings.joinsByItself ?? false,
      voters,
      bootstrapIds: bootstrapIds(settings.bootstrapServers ?? []),
      timings: coreTimings(settings),
      random: runtime.random,
      nowMs: clock.monotonicMs(),
      election,
      log: state,
    })
    const node = new RaftNode(options, { snapshots, stateFile, core })
    node.#logger.log('info', 'Starting', {
      epoch: core.epoch,
      logEndOffset: core.log.endOffset,
      voters: core.voterSet.ids.join(','),
      kraftVersion: core.history.kraftVersion,
    })
    node.#step(() => undefined)
    return node
  }

  get leaderAndEpoch(): LeaderAndEpoch {
    return { leaderId: this.#core.leaderId, epoch: this.#core.epoch }
  }
  get highWatermark(): number {
    return this.#core.highWatermark
  }
  get logEndOffset(): number {
    return this.#core.log.endOffset
  }
  endpointOf(nodeId: number): Endpoint | undefined {
    return this.#addresses.get(nodeId)
  }

  register(listener: RaftListener): void {
    this.#feed.register(listener)
  }

  scheduleAppend(epoch: number, records: readonly Buffer[]): number | null {
    if (this.#isClosed || records.length === 0) return null
    const baseOffset = this.#core.reserve(epoch, records.length)
    if (baseOffset === null) return null
    const endOffset = baseOffset + records.length
    this.#outputs.push({ kind: 'appendBatch', epoch, baseOffset, endOffset, records })
    this.figures.appended(records.length, endOffset)
    this.#drain()
    return endOffset - 1
  }

  resign(epoch: number): void {
    this.#step((core, nowMs) => core.resign(nowMs, epoch))
  }

  async createSnapshot(snapshot: {
    endOffset: number
    epoch: number
    lastContainedLogTimestampMs: number
    records: readonly Buffer[]
  }): Promise<void> {
    const id = { offset: snapshot.endOffset, epoch: snapshot.epoch }
    if (id.offset > this.#core.highWatermark) {
      throw new Error(`snapshot to ${id.offset}, committed is ${this.#core.highWatermark}`)
    }
    const latest = this.#snapshots.latest
    if (this.#isClosed || (latest !== null && latest.offset >= id.offset)) return
    const { lastContainedLogTimestampMs, records } = snapshot
    const quorum = this.#core.history.before(id.offset)
    const change = quorum.kraftVersion > 0 ? quorum : null
    await this.#snapshots.write(id, { lastContainedLogTimestampMs, change, records: [...records] })
    this.#step((core) => core.snapshotCreated(id))
    this.#logger.log('info', 'Wrote a snapshot', { endOffset: id.offset, epoch: id.epoch })
    await this.#cleaning.clean()
  }

  /** What metrics tell of this member beyond `describe`. */
  get member() {
    const { role, votedId, isVoter, log, voterSet } = this.#core
    const votedFor = votedId === null ? undefined : voterSet.get(votedId)
    return {
      role: role.name,
      isVoter,
      votedId,
      votedDirectoryId: votedFor?.directoryId ?? ZERO_UUID,
      logEndEpoch: log.lastEpoch,
      votersOffset: this.#core.history.votersOffset,
      voterIds: voterSet.ids,
      addressOf: (nodeId: number) => this.#addresses.get(nodeId),
    }
  }

  describe(): QuorumInfo {
    return describeQuorum(this.#core, this.#settings, this.#runtime.clock)
  }

  /** Hands leadership over if it has it, finishes writing, and takes no further part. */
  async shutdown(): Promise<void> {
    if (this.#isClosed) return
    if (this.#core.role.name === 'leader' && this.#core.voterSet.ids.length > 1) {
      this.resign(this.#core.epoch)
      await this.#resigned()
    }
    this.#isClosed = true
    this.#runtime.timers.clear(this.#timer)
    this.#peers.close()
    this.#feed.close()
    await this.#writer.close()
    await this.#cleaning.close()
    await this.#snapshots.close()
  }

  readonly handleVote: RaftEndpoint['handleVote'] = (request) => this.#requests.handleVote(request)
  readonly handleBeginQuorumEpoch: RaftEndpoint['handleBeginQuorumEpoch'] = (request) =>
    this.#requests.handleBeginQuorumEpoch(request)
  readonly handleEndQuorumEpoch: RaftEndpoint['handleEndQuorumEpoch'] = (request) =>
    this.#requests.handleEndQuorumEpoch(request)
  readonly handleFetch: RaftEndpoint['handleFetch'] = (request, connection) =>
    this.#requests.handleFetch(request, connection)
  readonly handleFetchSnapshot: RaftEndpoint['handleFetchSnapshot'] = (request) =>
    this.#requests.handleFetchSnapshot(request)
  readonly handleDescribeQuorum: RaftEndpoint['handleDescribeQuorum'] = (request) =>
    this.#requests.handleDescribeQuorum(request)

  get kraftVersion(): number {
    return this.#core.history.kraftVersion
  }
  checkKRaftUpgrade(epoch: number, level: number): Refusal | null {
    return this.#voterChanges.checkUpgrade(epoch, level)
  }
  upgradeKRaftVersion(epoch: number, level: number): Promise<Refusal | null> {
    return this.#voterChanges.upgrade(epoch, level)
  }
  readonly handleAddRaftVoter: VoterEndpoints['handleAddRaftVoter'] = (request) =>
    this.#voterChanges.handleAdd(request)
  readonly handleRemoveRaftVoter: VoterEndpoints['handleRemoveRaftVoter'] = (request) =>
    this.#voterChanges.handleRemove(request)
  readonly handleUpdateRaftVoter: VoterEndpoints['handleUpdateRaftVoter'] = (request) =>
    this.#voterChanges.handleUpdate(request)

  #voterEndpoint(nodeId: number): Endpoint | undefined {
    const { listenerName, voters } = this.#settings
    const voter = this.#core.voterSet.get(nodeId)
    return voter?.endpoints.find(({ name }) => name === listenerName) ?? voters.get(nodeId)
  }

  /** Resolves with the core's reply, after everything it depends on is on disk. */
  #ask<Reply>(run: (core: RaftCore, nowMs: number, token: number) => void): Promise<Reply> {
    const token = this.#nextToken
    this.#nextToken += 1
    return new Promise<Reply>((resolve) => {
      // Safe because each kind of question is answered by its own kind of reply.
      this.#waiting.set(token, resolve as (reply: never) => void)
      this.#step((core, nowMs) => run(core, nowMs, token))
    })
  }

  /** Every input of the core goes through here. */
  #step(run: (core: RaftCore, nowMs: number) => void): void {
    if (this.#isClosed) return
    try {
      run(this.#core, this.#runtime.clock.monotonicMs())
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#drain()
  }

  #drain(): void {
    this.#outputs.push(...this.#core.takeOutputs())
    this.figures.inRole(this.#core.role.name)
    this.#armTimer()
    if (this.#isDraining) return
    this.#isDraining = true
    while (!this.#isPersisting && !this.#isClosed) {
      const output = this.#outputs.shift()
      if (output === undefined) break
      try {
        this.#carryOut(output)
      } catch (error) {
        this.#fail(error)
      }
    }
    this.#isDraining = false
    const { role } = this.#core
    if (role.name !== 'resigned' || role.unacknowledged.size === 0) this.#whenResigned?.()
  }

  #carryOut(output: Output | AppendBatch): void {
    switch (output.kind) {
      case 'persist':
        this.#persist(output.election)
        return
      case 'send':
        this.#send(output)
        return
      case 'replyVote':
      case 'reply':
      case 'replyFetch':
        this.#waiting.get(output.token)?.(output.reply as never)
        this.#waiting.delete(output.token)
        return
      case 'appendBatch':
      case 'appendLeaderChange':
      case 'appendVoters': {
        const timestampMs = this.#runtime.clock.nowMs()
        const { nodeId } = this
        this.#writer.enqueue(
          leadBatch(output, { nodeId, voters: this.#core.voterSet.ids, timestampMs }),
        )
        return
      }
      case 'voters': {
        const { voters, kraftVersion } = output
        this.#addresses.forgetLearned()
        this.#logger.log('info', 'The voters are', { voters: voters.ids.join(','), kraftVersion })
        return
      }
      case 'appendFetched': {
        const { records, endOffset } = output
        const { epoch, log } = this.#core
        this.figures.fetched(log.writtenOffset, endOffset)
        this.#writer.enqueue({ kind: 'follow', epoch, records, endOffset })
        return
      }
      case 'truncate':
        this.#logger.log('info', 'Truncating the log', { offset: output.offset })
        this.#writer.enqueue({ kind: 'truncate', offset: output.offset })
        return
      case 'storeChunk':
        this.#writer.enqueue(output)
        return
      case 'installSnapshot':
        this.#logger.log('info', 'Installing a snapshot', { endOffset: output.id.offset })
        this.#writer.enqueue({ kind: 'install', id: output.id })
        return
      case 'commit':
        this.#log.setHighWatermark(output.highWatermark)
        this.figures.committed(output.highWatermark)
        this.#feed.committed(output.highWatermark)
        this.#voterChanges.look()
        return
      case 'leader': {
        const { leaderId, epoch, epochStartOffset } = output
        this.#logger.log('info', 'The leader is', { leaderId: leaderId ?? 'unknown', epoch })
        this.#feed.leaderChanged({ leaderId, epoch, epochStartOffset })
        this.#voterChanges.look()
        return
      }
    }
  }

  #persist(election: Extract<Output, { kind: 'persist' }>['election']): void {
    this.#isPersisting = true
    const { voterSet, history } = this.#core
    const quorum = { voters: voterSet.ids, kraftVersion: history.kraftVersion }
    writeQuorumState(this.#stateFile, election, quorum).then(
      () => {
        this.#isPersisting = false
        this.#drain()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  #send(output: Extract<Output, { kind: 'send' }>): void {
    const { requestId } = output
    sendToPeer(this.#peers, this.#wire, output).then(
      (response) =>
        this.#step((core, nowMs) => {
          if (response === null) core.handleSendFailure(nowMs, requestId)
          else core.handleResponse(nowMs, requestId, response)
        }),
      () => this.#step((core, nowMs) => core.handleSendFailure(nowMs, requestId)),
    )
  }

  #resigned(): Promise<void> {
    const { timers } = this.#runtime
    return new Promise((resolve) => {
      const timer = timers.set(RESIGN_WAIT_MS, () => this.#whenResigned?.())
      this.#whenResigned = () => {
        this.#whenResigned = null
        timers.clear(timer)
        resolve()
      }
      this.#drain()
    })
  }

  #armTimer(): void {
    const { timers, clock } = this.#runtime
    const dueMs = this.#core.nextDeadlineMs()
    if (this.#isClosed || dueMs >= this.#timerDueMs) return
    timers.clear(this.#timer)
    this.#timerDueMs = dueMs
    this.#timer = timers.set(Math.max(0, dueMs - clock.monotonicMs()), () => {
      this.#timerDueMs = Number.POSITIVE_INFINITY
      const tick = () => this.#step((core, nowMs) => core.tick(nowMs))
      // What came while this process stood still is heard before a deadline is taken for missed.
      if (clock.monotonicMs() - dueMs > STANDSTILL_MS) timers.immediate(tick)
      else tick()
    })
  }

  #fail(cause: unknown): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#runtime.timers.clear(this.#timer)
    void this.#cleaning.close()
    this.#peers.close()
    this.#feed.close()
    const error = cause instanceof Error ? cause : new Error(String(cause))
    this.#logger.log('error', 'The quorum member cannot go on', { error: error.stack })
    this.#onFatal(error)
  }
}
