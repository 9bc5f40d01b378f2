// A metadata quorum of real RaftNodes on hosts in memory: their logs, files, listeners and sockets,
// in virtual time.

import { fetchMetadataLog } from '../../broker/api/01-fetch-raft.ts'
import { vote } from '../../broker/api/52-vote.ts'
import { beginQuorumEpoch } from '../../broker/api/53-begin-quorum-epoch.ts'
import { endQuorumEpoch } from '../../broker/api/54-end-quorum-epoch.ts'
import { fetchSnapshot } from '../../broker/api/59-fetch-snapshot.ts'
import type { AnyHandler, BrokerServices } from '../../broker/api/types.ts'
import type { Log } from '../../broker/log/types.ts'
import { defaultListenerSettings, SocketListener } from '../../broker/network/listener.ts'
import { RaftNode } from '../../broker/raft/driver.ts'
import {
  defaultRaftSettings,
  metadataLogConfig,
  type RaftSettings,
} from '../../broker/raft/settings.ts'
import type { CommittedBatch, LeaderAndEpoch, RaftListener } from '../../broker/raft/types.ts'
import { METADATA_TOPIC, METADATA_TOPIC_ID } from '../../broker/raft/wire.ts'
import type { Runtime } from '../../broker/runtime/runtime.ts'
import { decodeRequest } from '../../protocol/api.ts'
import { responseFrame } from '../../protocol/frames.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'
import { openTestLog } from './log-fixtures.ts'
import { createWorld, type World } from './memory-runtime.ts'

const PORT = 9192
const handlers = [fetchMetadataLog, vote, beginQuorumEpoch, endQuorumEpoch, fetchSnapshot]

/** Keeps all it is told, as strings. */
export class RecordingListener implements RaftListener {
  /** Offset → record. */
  readonly records = new Map<number, string>()
  readonly leaders: LeaderAndEpoch[] = []
  snapshots = 0
  nextOffset = 0

  handleCommit(batch: CommittedBatch): void {
    if (batch.baseOffset < this.nextOffset) throw new Error(`${batch.baseOffset} was told before`)
    for (const [index, record] of batch.records.entries()) {
      this.records.set(batch.baseOffset + index, record.toString())
    }
    this.nextOffset = batch.lastOffset + 1
  }

  handleLoadSnapshot(snapshot: { endOffset: number; records: readonly Buffer[] }): void {
    this.records.clear()
    for (const [index, record] of snapshot.records.entries()) {
      this.records.set(-index - 1, record.toString())
    }
    this.snapshots += 1
    this.nextOffset = snapshot.endOffset
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    this.leaders.push(leader)
  }

  get values(): string[] {
    return [...this.records.values()]
  }
}

export interface Member {
  id: number
  runtime: Runtime
  log: Log
  node: RaftNode
  listener: SocketListener
  heard: RecordingListener
}

export class RaftNodes {
  readonly world: World
  readonly members = new Map<number, Member>()
  readonly fatal: string[] = []
  readonly #voterCount: number
  readonly #settings: Partial<RaftSettings>

  constructor(options: { seed: number; voters: number; settings?: Partial<RaftSettings> }) {
    this.world = createWorld({ seed: options.seed })
    this.#voterCount = options.voters
    this.#settings = options.settings ?? {}
  }

  get ids(): number[] {
    return Array.from({ length: this.#voterCount }, (_unused, index) => index + 1)
  }

  async startAll(): Promise<void> {
    await this.world.run(Promise.all(this.ids.map((id) => this.#open(id))))
  }

  async start(id: number): Promise<Member> {
    return this.world.run(this.#open(id))
  }

  kill(id: number, powerLoss = false): void {
    this.world.crash(host(id), { powerLoss })
    this.members.delete(id)
  }

  member(id: number): Member {
    const member = this.members.get(id)
    if (member === undefined) throw new Error(`node ${id} is down`)
    return member
  }

  leader(): Member | null {
    for (const member of this.members.values()) {
      const { leaderId } = member.node.leaderAndEpoch
      if (leaderId === member.id) return member
    }
    return null
  }

  /** The leader once it has committed something of its epoch and its listener knows it. */
  async activeLeader(): Promise<Member> {
    const active = () => {
      const leader = this.leader()
      return leader?.heard.leaders.at(-1)?.leaderId === leader?.id ? leader : null
    }
    await this.world.runUntil(() => active() !== null, 20_000)
    return active() as Member
  }

  /** Appends through the leader and waits until every running member has heard it. */
  async commit(value: string): Promise<number> {
    const leader = await this.activeLeader()
    const { epoch } = leader.node.leaderAndEpoch
    const offset = leader.node.scheduleAppend(epoch, [Buffer.from(value)])
    if (offset === null) throw new Error('not the leader any more')
    await this.world.runUntil(() => this.#allHave(offset), 20_000)
    return offset
  }

  #allHave(offset: number): boolean {
    return [...this.members.values()].every((member) => member.heard.nextOffset > offset)
  }

  async #open(id: number): Promise<Member> {
    const runtime = this.world.host(host(id))
    const voters = new Map(this.ids.map((voter) => [voter, { host: host(voter), port: PORT }]))
    const log = await openTestLog(runtime, {
      directory: '/data/__cluster_metadata-0',
      topic: METADATA_TOPIC,
      topicId: METADATA_TOPIC_ID,
      config: metadataLogConfig({ segmentBytes: 8 * 1024 * 1024, segmentMs: 604_800_000 }),
    })
    const node = await RaftNode.open({
      runtime,
      log,
      settings: {
        ...defaultRaftSettings,
        nodeId: id,
        clusterId: 'cluster',
        directoryId: `directory${id}AAAAAAAAAAAA`,
        voters,
        listenerName: 'CONTROLLER',
        ...this.#settings,
      },
      onFatal: (error) => this.fatal.push(`node ${id}: ${error.stack}`),
    })
    const listener = await SocketListener.open({
      name: 'CONTROLLER',
      endpoint: { host: host(id), port: PORT },
      runtime,
      settings: defaultListenerSettings,
      serves: () => true,
      dispatch: (context, body) => dispatch(node, context, body),
    })
    const heard = new RecordingListener()
    node.register(heard)
    const member = { id, runtime, log, node, listener, heard }
    this.members.set(id, member)
    return member
  }
}

function host(id: number): string {
  return `node${id}`
}

async function dispatch(
  node: RaftNode,
  context: Parameters<AnyHandler['handle']>[1],
  body: Buffer,
): Promise<Buffer[]> {
  const header = { version: context.apiVersion, correlationId: context.correlationId }
  if (context.apiKey === ApiVersions.key) {
    const apiKeys = [ApiVersions, ...handlers.map(({ api }) => api)].map((api) => ({
      apiKey: api.key,
      minVersion: api.minVersion,
      maxVersion: api.maxVersion,
    }))
    return responseFrame(ApiVersions, header, { apiKeys })
  }
  const handler = handlers.find(({ api }) => api.key === context.apiKey) as AnyHandler | undefined
  if (handler === undefined) throw new Error(`nobody serves ${context.apiKey}`)
  const services = { raft: node, authorize: () => true } as unknown as BrokerServices
  const request = decodeRequest(handler.api, context.apiVersion, body)
  const response = await handler.handle(services, context, request)
  return responseFrame(handler.api, header, response ?? {})
}
