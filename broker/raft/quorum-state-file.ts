// The `quorum-state` file: epoch, vote and leader as Kafka's JSON: QuorumStateData v0 under
// kraft.version 0, v1 from 1 on. Written by RaftNode alone; replaced whole and synced, so that after a crash the old or
// the new one is there.
import { ZERO_UUID } from '../../protocol/primitives.ts'
import type { Disk } from '../runtime/runtime.ts'
import type { ElectionState } from './core-types.ts'

const FILE_NAME = 'quorum-state'

export interface QuorumStateFileOptions {
  disk: Disk
  directory: string
}

/** What the file says; epoch 0 when there is none. Throws on a file that is not Kafka's. */
export async function readQuorumState(options: QuorumStateFileOptions): Promise<ElectionState> {
  const path = `${options.directory}/${FILE_NAME}`
  if ((await options.disk.stat(path)) === null) return { epoch: 0, leaderId: null, votedId: null }
  const parsed: unknown = JSON.parse((await options.disk.readFile(path)).toString('utf8'))
  const { leaderEpoch, leaderId, votedId, votedDirectoryId } = parsed as Record<string, unknown>
  if (!isInteger(leaderEpoch) || !isInteger(leaderId) || !isInteger(votedId)) {
    throw new Error(`${path} is not a quorum state`)
  }
  return {
    epoch: leaderEpoch,
    leaderId: leaderId < 0 ? null : leaderId,
    votedId: votedId < 0 ? null : votedId,
    ...(typeof votedDirectoryId === 'string' ? { votedDirectoryId } : {}),
  }
}

/** Resolves once the state is on disk. */
export function writeQuorumState(
  options: QuorumStateFileOptions,
  election: ElectionState,
  quorum: { voters: readonly number[]; kraftVersion: number },
): Promise<void> {
  const common = {
    leaderId: election.leaderId ?? -1,
    leaderEpoch: election.epoch,
    votedId: election.votedId ?? -1,
  }
  const data =
    quorum.kraftVersion > 0
      ? { ...common, votedDirectoryId: election.votedDirectoryId ?? ZERO_UUID, data_version: 1 }
      : {
          clusterId: '',
          ...common,
          appliedOffset: 0,
          currentVoters: quorum.voters.map((voterId) => ({ voterId })),
          data_version: 0,
        }
  return options.disk.writeFileAtomic(`${options.directory}/${FILE_NAME}`, JSON.stringify(data))
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value)
}
