// The bean of this member of the metadata quorum, under Kafka's name. Made once by server-beans.ts; values are read
// when asked for.
import type { MetricsRegistry } from './metrics/types.ts'
import type { RaftNode } from './raft/driver.ts'

export function registerQuorumBeans(metrics: MetricsRegistry, raft: RaftNode): void {
  metrics.sensors('kafka.server:type=raft-metrics', () => {
    const { member } = raft
    const { leaderId, epoch } = raft.leaderAndEpoch
    const unknown = member.voterIds.filter(
      (id) => id !== raft.nodeId && member.addressOf(id) === undefined,
    )
    return {
      ...raft.figures.attributes(),
      'current-state': stateOf(member),
      'current-leader': leaderId ?? -1,
      'current-epoch': epoch,
      'current-vote': member.votedId ?? -1,
      'current-vote-directory-id': member.votedDirectoryId,
      'high-watermark': raft.highWatermark,
      'log-end-offset': raft.logEndOffset,
      'log-end-epoch': member.logEndEpoch,
      'number-of-voters': member.voterIds.length,
      'number-unknown-voter-connections': unknown.length,
      ...(member.role === 'leader' ? leaderFigures(raft) : {}),
    }
  })
}

/** Known to the leader alone: elsewhere Kafka has no such attributes. */
function leaderFigures(raft: RaftNode) {
  return {
    'number-of-observers': raft.describe().observers.length,
    'uncommitted-voter-change': raft.member.votersOffset >= raft.highWatermark ? 1 : 0,
  }
}

/** In Kafka's words. */
function stateOf({ role, isVoter, votedId }: RaftNode['member']): string {
  if (role === 'unattached' && votedId !== null) return 'voted'
  if (role === 'follower' && !isVoter) return 'observer'
  return role
}
