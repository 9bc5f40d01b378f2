import type { GetQuorumInput, Quorum, QuorumReplica } from '../../contracts/quorum.ts'
import { readClusterInventory } from '../clusters/inventory.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { SnapshotQuorum, SnapshotReplica } from '../clusters/snapshot.ts'
import type { ServiceContext } from '../context.ts'
import { fetchQuorum } from '../kafka/describe-cluster.ts'

const LIVE_TIMEOUT_MS = 1_500

/** Live, or what the collector last saw when the cluster does not answer in time. */
export async function getQuorum({
  input,
}: {
  ctx: ServiceContext
  input: GetQuorumInput
}): Promise<Quorum> {
  const { client, id } = clusterOf(input.cluster)
  try {
    const askedMs = Date.now()
    const quorum = await fetchQuorum(client, { timeoutMs: LIVE_TIMEOUT_MS })
    if (quorum === null) return withoutQuorum('zookeeper', askedMs)
    return describe({ ...quorum, nodes: [...quorum.nodes] }, askedMs)
  } catch {
    // Any failure of the cluster: the inventory answers, and its age says so.
    const { snapshot, asOf } = await readClusterInventory(id)
    if (snapshot?.quorum) return describe(snapshot.quorum, asOf)
    return withoutQuorum(snapshot?.mode === 'zookeeper' ? 'zookeeper' : 'unknown', asOf)
  }
}

function withoutQuorum(mode: 'zookeeper' | 'unknown', asOf: number | null): Quorum {
  return {
    mode,
    leaderId: null,
    leaderEpoch: null,
    highWatermark: null,
    voters: [],
    observers: [],
    asOf,
  }
}

function describe(quorum: SnapshotQuorum, asOf: number | null): Quorum {
  const nodes = new Map(quorum.nodes)
  const leader = quorum.voters.find((voter) => voter.id === quorum.leaderId)
  const replica = (state: SnapshotReplica): QuorumReplica => {
    const isLeader = state.id === quorum.leaderId
    const node = nodes.get(state.id)
    return {
      id: state.id,
      directoryId: state.directoryId,
      host: node?.host ?? null,
      port: node?.port ?? null,
      isLeader,
      logEndOffset: state.logEndOffset,
      lagRecords: isLeader ? 0 : difference(leader?.logEndOffset, state.logEndOffset),
      lagMs: isLeader
        ? 0
        : difference(leader?.lastCaughtUpTimestampMs ?? asOf, state.lastCaughtUpTimestampMs),
      lastFetchAt: state.lastFetchTimestampMs,
      lastCaughtUpAt: state.lastCaughtUpTimestampMs,
    }
  }
  return {
    mode: 'kraft',
    leaderId: quorum.leaderId,
    leaderEpoch: quorum.leaderEpoch,
    highWatermark: quorum.highWatermark,
    voters: quorum.voters.map(replica),
    observers: quorum.observers.map(replica),
    asOf,
  }
}

/** How far behind; never negative, null while either is not known. */
function difference(ahead: number | null | undefined, behind: number | null): number | null {
  if (ahead === null || ahead === undefined || behind === null) return null
  return Math.max(0, ahead - behind)
}
