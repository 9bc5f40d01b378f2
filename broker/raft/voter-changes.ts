// Changes of who votes, asked of the leader: AddRaftVoter, RemoveRaftVoter, UpdateRaftVoter, and the way to
// kraft.version 1. Owned by RaftNode. An answer says that the change is committed (or, where the asker prefers,
// written); whoever got none may ask again, a second try finds it done.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/primitives.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'
import type {
  AddRaftVoterRequest,
  AddRaftVoterResponse,
} from '../../protocol/schemas/80-add-raft-voter.ts'
import type {
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponse,
} from '../../protocol/schemas/81-remove-raft-voter.ts'
import type {
  UpdateRaftVoterRequest,
  UpdateRaftVoterResponse,
} from '../../protocol/schemas/82-update-raft-voter.ts'
import { connectPeer } from '../network/peer-client.ts'
import { PeerError } from '../network/types.ts'
import type { Endpoint, Runtime, TimerHandle } from '../runtime/runtime.ts'
import type { RaftCore } from './raft-core.ts'
import type { RaftSettings } from './settings.ts'
import { type QuorumChange, type Voter, VoterSet } from './voter-set.ts'

export const KRAFT_VERSION_FEATURE = 'kraft.version'
/** The first that can change its voters. */
const RECONFIGURABLE = 1
const DEFAULT_TIMEOUT_MS = 30_000

export interface Refusal {
  errorCode: number
  errorMessage: string
}

export interface VoterChangesOptions {
  core: RaftCore
  runtime: Runtime
  settings: RaftSettings
  isClosed(): boolean
  step(run: (core: RaftCore, nowMs: number) => void): void
}

interface Waiting {
  offset: number
  epoch: number
  finish(errorCode: number): void
}

export class VoterChanges {
  readonly #options: VoterChangesOptions
  readonly #waiting = new Set<Waiting>()

  constructor(options: VoterChangesOptions) {
    this.#options = options
  }

  /** To be called with each new high watermark and each change of leader. */
  look(): void {
    const { core, isClosed } = this.#options
    for (const waiting of this.#waiting) {
      const isLost = isClosed() || core.role.name !== 'leader' || core.epoch !== waiting.epoch
      // Leadership may end with the very commit of this node's removal.
      if (core.highWatermark > waiting.offset && core.epoch === waiting.epoch) {
        waiting.finish(ErrorCode.NONE)
      } else if (isLost) {
        waiting.finish(ErrorCode.NOT_LEADER_OR_FOLLOWER)
      }
    }
  }

  async handleAdd(request: AddRaftVoterRequest): Promise<Encodable<AddRaftVoterResponse>> {
    const refusal = this.#refusal(request.clusterId, 'adding')
    if (refusal !== null) return refusal
    const { core, settings } = this.#options
    const { voterId, voterDirectoryId, listeners } = request
    const key = keyOf(voterId, voterDirectoryId)
    if (core.voterSet.get(voterId) !== undefined) {
      const errorMessage = `The voter id for ${key} is already part of the set of voters ${textOf(core.voterSet)}.`
      return { errorCode: ErrorCode.DUPLICATE_VOTER, errorMessage }
    }
    const endpoint = listeners.find(({ name }) => name === settings.listenerName)
    if (endpoint === undefined || voterId < 0 || voterDirectoryId === ZERO_UUID) {
      const errorMessage = `Add voter request didn't include a voter key and the endpoint for the default listener ${settings.listenerName}`
      return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage }
    }
    const range = await this.#supportedVersions(endpoint)
    if (typeof range === 'string') {
      const errorMessage = `New voter ${key} is not ready to receive requests: ${range}`
      return { errorCode: ErrorCode.REQUEST_TIMED_OUT, errorMessage }
    }
    const { kraftVersion } = core.history
    if (range.minVersion > kraftVersion || range.maxVersion < kraftVersion) {
      const errorMessage = `Aborted add voter operation for ${key} since the kraft.version range (min: ${range.minVersion}, max: ${range.maxVersion}) doesn't support the finalized version ${kraftVersion}`
      return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage }
    }
    const voter = { id: voterId, directoryId: voterDirectoryId, endpoints: listeners, ...range }
    if (!this.#isCaughtUp(voter)) {
      const errorMessage = `Aborted add voter operation for ${key} since it is lagging behind`
      return { errorCode: ErrorCode.REQUEST_TIMED_OUT, errorMessage }
    }
    return this.#change({ voters: core.voterSet.with(voter), kraftVersion: null }, request)
  }

  async handleRemove(request: RemoveRaftVoterRequest): Promise<Encodable<RemoveRaftVoterResponse>> {
    const refusal = this.#refusal(request.clusterId, 'removing')
    if (refusal !== null) return refusal
    const { voterSet } = this.#options.core
    const { voterId, voterDirectoryId } = request
    const voter = voterSet.get(voterId)
    if (voter === undefined || voter.directoryId !== voterDirectoryId || voterSet.ids.length < 2) {
      const errorMessage = `Cannot remove voter ${keyOf(voterId, voterDirectoryId)} from the set of voters ${textOf(voterSet)}`
      return { errorCode: ErrorCode.VOTER_NOT_FOUND, errorMessage }
    }
    return this.#change({ voters: voterSet.without(voterId), kraftVersion: null }, {})
  }

  async handleUpdate(request: UpdateRaftVoterRequest): Promise<Encodable<UpdateRaftVoterResponse>> {
    const { core, settings } = this.#options
    const epochError = core.checkLeadership(request.currentLeaderEpoch)
    const refusal = this.#refusal(request.clusterId, 'updating')
    if (epochError !== ErrorCode.NONE) return this.#withLeader(epochError)
    if (refusal !== null) return this.#withLeader(refusal.errorCode)
    const { voterId: id, voterDirectoryId: directoryId, listeners } = request
    const { minSupportedVersion, maxSupportedVersion } = request.kRaftVersionFeature
    const { kraftVersion } = core.history
    const isSupported = minSupportedVersion <= kraftVersion && maxSupportedVersion >= kraftVersion
    if (!isSupported || !listeners.some(({ name }) => name === settings.listenerName)) {
      return this.#withLeader(ErrorCode.INVALID_REQUEST)
    }
    if (core.voterSet.get(id)?.directoryId !== directoryId) {
      return this.#withLeader(ErrorCode.VOTER_NOT_FOUND)
    }
    const range = { minVersion: minSupportedVersion, maxVersion: maxSupportedVersion }
    const voter: Voter = { id, directoryId, endpoints: listeners, ...range }
    const change = { voters: core.voterSet.with(voter), kraftVersion: null }
    const { errorCode } = await this.#change(change, { ackWhenCommitted: false })
    return this.#withLeader(errorCode)
  }

  /** Why kraft.version cannot become `level` in this epoch; null when it can, or is. */
  checkUpgrade(epoch: number, level: number): Refusal | null {
    const planned = this.#planUpgrade(epoch, level)
    return planned !== null && 'errorCode' in planned ? planned : null
  }

  /** Resolves to null once the level is committed, else to why not. */
  async upgrade(epoch: number, level: number): Promise<Refusal | null> {
    const planned = this.#planUpgrade(epoch, level)
    if (planned === null || 'errorCode' in planned) return planned
    const done = await this.#change(planned, {})
    return done.errorCode === ErrorCode.NONE ? null : done
  }

  #planUpgrade(epoch: number, level: number): QuorumChange | Refusal | null {
    const { core, settings, runtime } = this.#options
    const refuse = (errorMessage: string) => ({
      errorCode: ErrorCode.INVALID_UPDATE_VERSION,
      errorMessage,
    })
    const { kraftVersion } = core.history
    if (level === kraftVersion) return null
    if (level < kraftVersion) {
      return refuse(`Cannot downgrade from ${kraftVersion} to ${level}`)
    }
    const errorCode = core.epoch === epoch ? core.checkVoterChange() : ErrorCode.NOT_CONTROLLER
    const { role } = core
    if (errorCode !== ErrorCode.NONE || role.name !== 'leader') {
      return { errorCode, errorMessage: 'The quorum cannot change its voters at the moment.' }
    }
    const voters: Voter[] = []
    for (const { replicaId: id, toldDirectoryId } of role.replication.voters) {
      const directoryId = id === settings.nodeId ? settings.directoryId : toldDirectoryId
      const endpoint = settings.voters.get(id)
      if (directoryId === ZERO_UUID || directoryId === '' || endpoint === undefined) {
        return refuse(`The leader has not heard yet which directory voter ${id} keeps its log in.`)
      }
      const endpoints = [{ name: settings.listenerName, ...endpoint }]
      voters.push({ id, directoryId, endpoints, minVersion: 0, maxVersion: RECONFIGURABLE })
    }
    runtime.logger.log('info', 'Upgrading kraft.version', { from: kraftVersion, to: level })
    return { voters: new VoterSet(voters), kraftVersion: level }
  }

  #isCaughtUp({ id, directoryId }: Voter): boolean {
    const { core, runtime } = this.#options
    if (core.role.name !== 'leader') return false
    return core.role.replication.isCaughtUp(runtime.clock.monotonicMs(), id, directoryId)
  }

  #refusal(clusterId: string | null, what: string): Refusal | null {
    const { core, settings, isClosed } = this.#options
    if (isClosed()) {
      return { errorCode: ErrorCode.BROKER_NOT_AVAILABLE, errorMessage: 'This node is stopping.' }
    }
    if (clusterId !== null && clusterId !== settings.clusterId) {
      const errorMessage = `The cluster is ${settings.clusterId}.`
      return { errorCode: ErrorCode.INCONSISTENT_CLUSTER_ID, errorMessage }
    }
    const errorCode = core.checkVoterChange()
    if (errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER) {
      return { errorCode, errorMessage: 'This node does not lead the quorum.' }
    }
    const { kraftVersion } = core.history
    if (kraftVersion < RECONFIGURABLE) {
      const errorMessage = `Cluster doesn't support ${what} voter because the ${KRAFT_VERSION_FEATURE} feature is ${kraftVersion}`
      return { errorCode: ErrorCode.UNSUPPORTED_VERSION, errorMessage }
    }
    if (errorCode === ErrorCode.NONE) return null
    const errorMessage = `Request timed out waiting for voters to commit the latest voter change at ${core.history.votersOffset} with HWM ${core.highWatermark}`
    return { errorCode, errorMessage }
  }

  #withLeader(errorCode: number): Encodable<UpdateRaftVoterResponse> {
    const { core, settings } = this.#options
    const leaderId = core.leaderId ?? -1
    const voter = core.voterSet.get(leaderId)
    const endpoint = voter?.endpoints.find(({ name }) => name === settings.listenerName)
    const { host, port } = endpoint ?? { host: '', port: 0 }
    return { errorCode, currentLeader: { leaderId, leaderEpoch: core.epoch, host, port } }
  }

  async #change(
    change: QuorumChange,
    { timeoutMs = DEFAULT_TIMEOUT_MS, ackWhenCommitted = true },
  ): Promise<{ errorCode: number; errorMessage: string }> {
    let offset: number | null = null
    this.#options.step((core, nowMs) => {
      offset = core.changeVoters(nowMs, change)
    })
    if (offset === null) {
      const errorMessage = 'Another change of the voters is under way.'
      return { errorCode: ErrorCode.REQUEST_TIMED_OUT, errorMessage }
    }
    if (!ackWhenCommitted) return { errorCode: ErrorCode.NONE, errorMessage: '' }
    const errorCode = await this.#committed(offset, timeoutMs)
    const errorMessage = errorCode === ErrorCode.NONE ? '' : 'The change was not committed in time.'
    return { errorCode, errorMessage }
  }

  #committed(offset: number, timeoutMs: number): Promise<number> {
    const { core, runtime } = this.#options
    return new Promise((resolve) => {
      let timer: TimerHandle | null = null
      const waiting: Waiting = {
        offset,
        epoch: core.epoch,
        finish: (errorCode) => {
          this.#waiting.delete(waiting)
          runtime.timers.clear(timer)
          resolve(errorCode)
        },
      }
      this.#waiting.add(waiting)
      timer = runtime.timers.set(timeoutMs, () => waiting.finish(ErrorCode.REQUEST_TIMED_OUT))
      this.look()
    })
  }

  /** Range of kraft.version that a future voter supports; a text when it could not be asked. */
  async #supportedVersions(
    endpoint: Endpoint,
  ): Promise<{ minVersion: number; maxVersion: number } | string> {
    const { runtime, settings } = this.#options
    const { nodeId, requestTimeoutMs } = settings
    const { host, port } = endpoint
    const clientId = `raft-client-${nodeId}`
    const client = connectPeer({ endpoint: { host, port }, clientId, runtime })
    try {
      const asked = { clientSoftwareName: 'eyrie', clientSoftwareVersion: '1' }
      const options = { version: 4, timeoutMs: requestTimeoutMs }
      const { errorCode, supportedFeatures } = await client.send(ApiVersions, asked, options)
      if (errorCode !== ErrorCode.NONE) return `API_VERSIONS returned error ${errorCode}`
      const found = supportedFeatures.find(({ name }) => name === KRAFT_VERSION_FEATURE)
      return { minVersion: found?.minVersion ?? 0, maxVersion: found?.maxVersion ?? 0 }
    } catch (error) {
      if (error instanceof PeerError) return error.message
      throw error
    } finally {
      client.close()
    }
  }
}

function keyOf(id: number, directoryId: string): string {
  const directory = directoryId === ZERO_UUID ? '<undefined>' : directoryId
  return `ReplicaKey(id=${id}, directoryId=${directory})`
}

function textOf(voters: VoterSet): string {
  return `[${voters.voters.map(({ id, directoryId }) => keyOf(id, directoryId)).join(', ')}]`
}
