// Sends one request of the Raft core to a peer and gives the answer in the core's terms; null when
// the answer cannot be used. Called by RaftNode.
import { Fetch } from '../../protocol/schemas/01-fetch.ts'
import { Vote } from '../../protocol/schemas/52-vote.ts'
import { BeginQuorumEpoch } from '../../protocol/schemas/53-begin-quorum-epoch.ts'
import { EndQuorumEpoch } from '../../protocol/schemas/54-end-quorum-epoch.ts'
import { FetchSnapshot } from '../../protocol/schemas/59-fetch-snapshot.ts'
import type { PeerRequest, PeerResponse } from './core-types.ts'
import type { Peers } from './peers.ts'
import {
  beginEpochRequest,
  endEpochRequest,
  fetchRequest,
  fetchResponse,
  fetchSnapshotRequest,
  fetchSnapshotResponse,
  leaderResponse,
  voteRequest,
  voteResponse,
  type WireContext,
} from './wire.ts'

export async function sendToPeer(
  peers: Peers,
  wire: WireContext,
  { to, request }: { to: number; request: PeerRequest },
): Promise<PeerResponse | null> {
  switch (request.kind) {
    case 'vote':
      return voteResponse(await peers.send(to, 'election', Vote, voteRequest(wire, request.data)))
    case 'beginEpoch': {
      const body = beginEpochRequest(wire, request.data)
      return leaderResponse('beginEpoch', await peers.send(to, 'election', BeginQuorumEpoch, body))
    }
    case 'endEpoch': {
      const body = endEpochRequest(wire, request.data)
      return leaderResponse('endEpoch', await peers.send(to, 'election', EndQuorumEpoch, body))
    }
    case 'fetch':
      return fetchResponse(await peers.send(to, 'fetch', Fetch, fetchRequest(wire, request.data)))
    case 'fetchSnapshot': {
      const body = fetchSnapshotRequest(wire, request.data)
      return fetchSnapshotResponse(await peers.send(to, 'fetch', FetchSnapshot, body))
    }
  }
}
