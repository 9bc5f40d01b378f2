// A cluster of Raft cores in virtual time: the network loses, delays and reorders, disks lose what
// was not synced, nodes crash and come back. Every commit is checked against what was committed
// before.
import type { Output, PeerRequest, PeerResponse } from '../../broker/raft/core-types.ts'
import { RaftCore } from '../../broker/raft/raft-core.ts'
import { VoterSet } from '../../broker/raft/voter-set.ts'
import { EventHeap } from './event-heap.ts'
import { RaftChecker } from './raft-checker.ts'
import {
  type Batch,
  changeIn,
  changesOf,
  endOf,
  epochsOf,
  pack,
  readFrom,
  snapshotResponse,
  start,
  unpack,
  votersBatch,
} from './raft-disk.ts'
import { directoryOf, type Node, newNode, voterOf } from './raft-sim-node.ts'

export interface RaftClusterOptions {
  seed: number
  voters: number
  observers?: number
  lossRate?: number
  maxDelayMs?: number
  maxFsyncMs?: number
}

const timings = {
  electionTimeoutMs: 1000,
  electionBackoffMaxMs: 1000,
  fetchTimeoutMs: 2000,
  retryBackoffMs: 20,
  fetchMaxWaitMs: 500,
}
const REQUEST_TIMEOUT_MS = 1000

export class RaftCluster {
  readonly nodes: Node[]
  readonly voterIds: number[]
  readonly checker = new RaftChecker()
  nowMs = 0
  lossRate: number
  maxDelayMs: number
  readonly #maxFsyncMs: number
  readonly #events = new EventHeap()
  readonly #cut = new Set<string>()
  #randomState: number
  #payloads = 0

  constructor(options: RaftClusterOptions) {
    this.#randomState = (options.seed * 2654435761 + 1) >>> 0
    this.lossRate = options.lossRate ?? 0
    this.maxDelayMs = options.maxDelayMs ?? 5
    this.#maxFsyncMs = options.maxFsyncMs ?? 5
    this.voterIds = Array.from({ length: options.voters }, (_unused, index) => index + 1)
    const count = options.voters + (options.observers ?? 0)
    this.nodes = Array.from({ length: count }, (_unused, index) => newNode(index + 1))
  }

  /** mulberry32 */
  random(): number {
    this.#randomState = (this.#randomState + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#randomState ^ (this.#randomState >>> 15), 1 | this.#randomState)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  int(boundExclusive: number): number {
    return Math.floor(this.random() * boundExclusive)
  }

  node(id: number): Node {
    const node = this.nodes[id - 1]
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  core(id: number): RaftCore {
    const { core } = this.node(id)
    if (core === null) throw new Error(`node ${id} is down`)
    return core
  }

  startAll(): void {
    for (const node of this.nodes) this.start(node.id)
  }

  start(id: number): void {
    const node = this.node(id)
    if (node.core !== null) return
    const { disk } = node
    // What reached the file and not the disk counts as soon as a start has synced it.
    disk.flushedOffset = endOf(disk)
    node.core = new RaftCore({
      nodeId: id,
      directoryId: directoryOf(id),
      voters: this.voterIds,
      bootstrapIds: this.nodes.map((other) => -other.id),
      changes: changesOf(disk),
      timings,
      random: { int: (bound) => this.int(bound) },
      nowMs: this.nowMs,
      election: disk.election,
      log: {
        startOffset: disk.startOffset,
        endOffset: endOf(disk),
        epochs: epochsOf(disk.batches),
        snapshot: disk.snapshot?.id ?? null,
        baseEpoch: disk.baseEpoch,
      },
    })
    this.#drain(node)
  }

  /** The process ends; unless `keepsPageCache`, part of what was not synced is lost. */
  crash(id: number, keepsPageCache = false): void {
    const node = this.node(id)
    if (node.core === null) return
    node.core = null
    node.life += 1
    node.queue = []
    node.isPersisting = false
    node.changes = []
    node.isChanging = false
    node.scheduledTickMs = Number.POSITIVE_INFINITY
    node.waiting.clear()
    node.pendingChunks = []
    const { disk } = node
    node.checkedOffset = 0
    if (!keepsPageCache) {
      const unsynced = disk.batches.filter((batch) => batch.lastOffset >= disk.flushedOffset)
      const keep = disk.batches.length - this.int(unsynced.length + 1)
      disk.batches.length = Math.max(keep, disk.batches.length - unsynced.length)
    }
    // Whoever followed it finds that nobody listens there any more.
    for (const other of this.nodes) {
      this.#later(other, this.int(40), (core) => core.leaderRefused(this.nowMs, id))
    }
  }

  /** Both directions of every pair across the two sides are cut. */
  partition(left: readonly number[]): void {
    for (const from of this.nodes) {
      for (const to of this.nodes) {
        if (left.includes(from.id) !== left.includes(to.id)) this.#cut.add(`${from.id}-${to.id}`)
      }
    }
  }

  heal(): void {
    this.#cut.clear()
  }

  /** A rumour that the leader is gone, true or not. */
  suspect(id: number): void {
    const { core } = this.node(id)
    if (core === null || core.leaderId === null) return
    core.leaderRefused(this.nowMs, core.leaderId)
    this.#drain(this.node(id))
  }

  leader(): Node | null {
    const leading = this.nodes.filter((node) => node.core?.role.name === 'leader')
    leading.sort((left, right) => (right.core?.epoch ?? 0) - (left.core?.epoch ?? 0))
    return leading[0] ?? null
  }

  /** Appends a few records through whoever leads; null when nobody does. */
  propose(recordCount = 1): number | null {
    const node = this.leader()
    return node === null ? null : this.proposeTo(node.id, recordCount)
  }

  proposeTo(id: number, recordCount: number): number | null {
    const node = this.node(id)
    const core = this.core(id)
    const baseOffset = core.reserve(core.epoch, recordCount)
    if (baseOffset === null) return null
    this.#payloads += 1
    const lastOffset = baseOffset + recordCount - 1
    node.queue.push({
      kind: 'appendFetched',
      records: pack([{ baseOffset, lastOffset, epoch: core.epoch, payload: `p${this.#payloads}` }]),
      endOffset: lastOffset + 1,
    })
    this.#drain(node)
    return lastOffset
  }

  /** Adds or removes one voter through whoever leads; the first change names them all. Whether it was appended. */
  changeVoters(id: number): boolean {
    const node = this.leader()
    if (node === null || node.core === null) return false
    const { core } = node
    const { voterSet } = core
    const isFirst = core.history.kraftVersion === 0
    const voter = voterOf(id)
    const voters = isFirst
      ? new VoterSet(voterSet.ids.map(voterOf))
      : voterSet.get(id) === undefined
        ? voterSet.with(voter)
        : voterSet.without(id)
    if (voters.ids.length === 0) return false
    const change = { voters, kraftVersion: isFirst ? 1 : null }
    const isAppended = core.changeVoters(this.nowMs, change) !== null
    this.#drain(node)
    return isAppended
  }

  resign(id: number): void {
    this.core(id).resign(this.nowMs, this.core(id).epoch)
    this.#drain(this.node(id))
  }

  /** A snapshot up to the node's high watermark; with `trims` the log below it goes. */
  snapshot(id: number, trims: boolean): void {
    const node = this.node(id)
    const { core, disk } = node
    if (core === null) return
    const offset = core.highWatermark
    const isBatchEnd = disk.batches.some((batch) => batch.lastOffset + 1 === offset)
    if (!isBatchEnd || offset <= (disk.snapshot?.id.offset ?? 0)) return
    const snapshotId = { offset, epoch: core.log.epochOf(offset - 1) }
    const batches = [...(disk.snapshot?.batches ?? []), ...disk.batches].filter(
      (batch, index, all) =>
        batch.lastOffset < offset &&
        all.findIndex((other) => other.baseOffset === batch.baseOffset) === index,
    )
    disk.snapshot = { id: snapshotId, batches }
    core.snapshotCreated(snapshotId)
    if (!trims) return
    disk.batches = disk.batches.filter((batch) => batch.lastOffset >= offset)
    disk.startOffset = offset
    disk.baseEpoch = snapshotId.epoch
    core.logStartMoved(offset)
  }

  runFor(durationMs: number): void {
    this.runUntil(() => false, durationMs)
  }

  /** Runs until `isDone` or for `limitMs`; tells whether it was done. */
  runUntil(isDone: () => boolean, limitMs: number): boolean {
    const endMs = this.nowMs + limitMs
    for (;;) {
      if (isDone()) return true
      const { nextMs } = this.#events
      if (nextMs === null || nextMs > endMs) {
        this.nowMs = endMs
        return isDone()
      }
      this.nowMs = Math.max(this.nowMs, nextMs)
      this.#events.pop()?.()
    }
  }

  hasConverged(): boolean {
    const leader = this.leader()
    if (leader?.core === null || leader === null) return false
    const { core } = leader
    const isCommitted = core.highWatermark === core.log.endOffset
    return (
      isCommitted &&
      this.nodes.every(
        (node) =>
          node.core !== null &&
          node.core.leaderId === leader.id &&
          node.core.highWatermark === core.highWatermark,
      )
    )
  }

  /** Messages, timers and disk of one node, in one place, so that a crash drops them together. */
  #later(node: Node, delayMs: number, run: (core: RaftCore) => void): void {
    const { life } = node
    this.#events.add(this.nowMs + delayMs, () => {
      if (node.life !== life || node.core === null) return
      run(node.core)
      this.#drain(node)
    })
  }

  #drain(node: Node): void {
    const { core } = node
    if (core === null) return
    node.queue.push(...core.takeOutputs())
    this.#work(node)
    const dueMs = core.nextDeadlineMs()
    if (dueMs === Number.POSITIVE_INFINITY || dueMs >= node.scheduledTickMs) return
    node.scheduledTickMs = dueMs
    this.#later(node, Math.max(0, dueMs - this.nowMs), (live) => {
      node.scheduledTickMs = Number.POSITIVE_INFINITY
      live.tick(this.nowMs)
    })
  }

  #work(node: Node): void {
    while (!node.isPersisting && node.core !== null) {
      const output = node.queue.shift()
      if (output === undefined) break
      this.#carryOut(node, output)
    }
    while (!node.isChanging && node.core !== null) {
      const change = node.changes.shift()
      if (change === undefined) break
      this.#change(node, change)
    }
  }

  #carryOut(node: Node, output: Output): void {
    const { disk } = node
    switch (output.kind) {
      case 'persist':
        node.isPersisting = true
        this.#later(node, this.#fsyncMs(), () => {
          node.isPersisting = false
          disk.election = output.election
        })
        return
      case 'send':
        this.#send(node, output.to, output.requestId, output.request)
        return
      case 'voters':
        return
      case 'appendLeaderChange':
      case 'appendVoters':
      case 'appendFetched':
      case 'truncate':
      case 'storeChunk':
      case 'installSnapshot':
        node.changes.push(output)
        return
      case 'commit':
        this.checker.commits(node.id, node.disk, node.checkedOffset, output.highWatermark)
        node.checkedOffset = output.highWatermark
        return
      case 'leader':
        if (output.leaderId === node.id) this.checker.leads(node.id, output.epoch)
        return
      case 'replyVote': {
        const { isGranted, ...header } = output.reply
        this.#reply(node, output.token, { kind: 'vote', header, isGranted })
        return
      }
      case 'reply':
        this.#reply(node, output.token, { kind: 'beginEpoch', header: output.reply })
        return
      case 'replyFetch': {
        const { read, highWatermark, divergingEpoch, snapshotId, ...rest } = output.reply
        const { errorCode, epoch, leaderId } = rest
        const batches = read === null ? [] : readFrom(disk, read.offset, read.endOffsetExclusive)
        const header = { errorCode, epoch, leaderId }
        const what = { highWatermark, divergingEpoch, snapshotId }
        const records = pack(batches)
        this.#reply(node, output.token, { kind: 'fetch', header, ...what, records, batches })
        return
      }
    }
  }

  #fsyncMs(): number {
    return 1 + this.int(this.#maxFsyncMs)
  }

  #changeFor(node: Node, run: (core: RaftCore) => void): void {
    node.isChanging = true
    this.#later(node, this.#fsyncMs(), (core) => {
      node.isChanging = false
      run(core)
    })
  }

  #change(node: Node, change: Output): void {
    const { disk } = node
    switch (change.kind) {
      case 'appendLeaderChange':
        this.#append(node, [start(change)])
        return
      case 'appendVoters':
        this.#append(node, [votersBatch(change)])
        return
      case 'appendFetched':
        this.#append(node, unpack(change.records))
        return
      case 'truncate':
        disk.batches = disk.batches.filter((batch) => batch.lastOffset < change.offset)
        disk.flushedOffset = Math.min(disk.flushedOffset, change.offset)
        this.#changeFor(node, (core) => core.truncated(this.nowMs))
        return
      case 'storeChunk':
        if (change.positionBytes === 0) node.pendingChunks = []
        node.pendingChunks.push(...unpack(change.bytes))
        this.#changeFor(node, (core) => {
          const voters = changeIn(node.pendingChunks)
          core.chunkStored(this.nowMs, change.isLast ? change.id : null, voters)
        })
        return
      case 'installSnapshot': {
        const { id } = change
        disk.snapshot = { id, batches: node.pendingChunks }
        disk.batches = []
        disk.startOffset = id.offset
        disk.flushedOffset = id.offset
        disk.baseEpoch = id.epoch
        this.#changeFor(node, (core) => core.snapshotInstalled(this.nowMs, id))
        return
      }
      default:
        throw new Error(`${change.kind} is no change of the log`)
    }
  }

  #append(node: Node, batches: Batch[]): void {
    const { disk } = node
    for (const batch of batches) {
      if (batch.baseOffset !== endOf(disk)) {
        throw new Error(`node ${node.id} appends ${batch.baseOffset} at ${endOf(disk)}`)
      }
      disk.batches.push(batch)
    }
    const endOffset = endOf(disk)
    this.#later(node, 0, (core) => core.written(this.nowMs, endOffset))
    this.#changeFor(node, (core) => {
      disk.flushedOffset = Math.max(disk.flushedOffset, endOffset)
      core.flushed(this.nowMs, endOffset)
    })
  }

  #send(node: Node, target: number, requestId: number, request: PeerRequest): void {
    const to = Math.abs(target)
    let isAnswered = false
    const answer = (response: PeerResponse | null) => {
      if (isAnswered) return
      isAnswered = true
      if (response === null) node.core?.handleSendFailure(this.nowMs, requestId)
      else node.core?.handleResponse(this.nowMs, requestId, response)
    }
    this.#later(node, REQUEST_TIMEOUT_MS, () => answer(null))
    if (this.node(to).core === null) {
      this.#later(node, 1, () => answer(null))
      return
    }
    if (this.#isLost(node.id, to)) return
    this.#later(this.node(to), this.int(this.maxDelayMs) + 1, (core) => {
      this.#receive(this.node(to), core, node.id, request, (response) => {
        if (this.#isLost(to, node.id)) return
        this.#later(node, this.int(this.maxDelayMs) + 1, () => answer(response))
      })
    })
  }

  #receive(
    node: Node,
    core: RaftCore,
    from: number,
    request: PeerRequest,
    reply: (response: PeerResponse) => void,
  ): void {
    node.nextToken += 1
    const token = node.nextToken
    node.waiting.set(token, reply)
    switch (request.kind) {
      case 'vote':
        core.handleVote(this.nowMs, request.data, token)
        return
      case 'beginEpoch':
        core.handleBeginEpoch(this.nowMs, request.data, token)
        return
      case 'endEpoch':
        node.waiting.set(token, (response) => reply({ kind: 'endEpoch', header: response.header }))
        core.handleEndEpoch(this.nowMs, request.data, token)
        return
      case 'fetch':
        core.handleFetch(this.nowMs, request.data, token)
        return
      case 'fetchSnapshot': {
        node.waiting.delete(token)
        const { epoch } = request.data
        const header = core.admitSnapshotFetch(this.nowMs, from, epoch, directoryOf(from))
        reply(snapshotResponse(node.disk, header, request.data))
        return
      }
    }
  }

  #reply(node: Node, token: number, response: PeerResponse): void {
    const reply = node.waiting.get(token)
    node.waiting.delete(token)
    reply?.(response)
  }

  #isLost(from: number, to: number): boolean {
    return this.#cut.has(`${from}-${to}`) || this.random() < this.lossRate
  }
}
