// Sends one request of the Raft core to a peer and gives the answer in the core's terms; null when
// the answer cannot be used. Called by RaftNode.
import { Fetch } from '../../protocol/schemas/01-fetch.ts'
import { Vote } from '../../protocol/schemas/52-vote.ts'
import { BeginQuorumEpoch } from '../../protocol/schemas/53-begin-quorum-epoch.ts'
import { EndQuorumEpoch } from '../../protocol/schemas/54-end-quorum-epoch.ts'
import { FetchSnapshot } from '../../protocol/schemas/59-fetch-snapshot.ts'
import { AddRaftVoter } from '../../protocol/schemas/80-add-raft-voter.ts'
import { RemoveRaftVoter } from '../../protocol/schemas/81-remove-raft-voter.ts'
import { UpdateRaftVoter } from '../../protocol/schemas/82-update-raft-voter.ts'
import type { PeerRequest, PeerResponse } from './core-types.ts'
import type { Peers } from './peers.ts'
import {
  beginEpochRequest,
  endEpochRequest,
  fetchRequest,
  fetchResponse,
  fetchSnapshotRequest,
  fetchSnapshotResponse,
  type Learn,
  leaderResponse,
  voteRequest,
  voteResponse,
  voterChangeRequest,
  type WireContext,
} from './wire.ts'

type Answer = {
  nodeEndpoints: readonly { nodeId: number; host: string; port: number }[]
}

export async function sendToPeer(
  peers: Peers,
  wire: WireContext & { learn: Learn },
  { to, request }: { to: number; request: PeerRequest },
): Promise<PeerResponse | null> {
  const learned = <T extends Answer>(answer: T): T => {
    for (const { nodeId, host, port } of answer.nodeEndpoints) wire.learn(nodeId, { host, port })
    return answer
  }
  switch (request.kind) {
    case 'vote': {
      const body = voteRequest(wire, request.data)
      return voteResponse(learned(await peers.send(to, 'election', Vote, body)))
    }
    case 'beginEpoch': {
      const body = beginEpochRequest(wire, request.data)
      return leaderResponse(
        'beginEpoch',
        learned(await peers.send(to, 'election', BeginQuorumEpoch, body)),
      )
    }
    case 'endEpoch': {
      const body = endEpochRequest(wire, request.data)
      return leaderResponse(
        'endEpoch',
        learned(await peers.send(to, 'election', EndQuorumEpoch, body)),
      )
    }
    case 'fetch': {
      const body = fetchRequest(wire, request.data)
      return fetchResponse(learned(await peers.send(to, 'fetch', Fetch, body)))
    }
    case 'addVoter':
    case 'removeVoter':
    case 'updateVoter': {
      const { epoch, voter } = request.data
      const body = voterChangeRequest(wire, epoch, voter)
      const { errorCode } =
        request.kind === 'addVoter'
          ? await peers.send(to, 'election', AddRaftVoter, body)
          : request.kind === 'removeVoter'
            ? await peers.send(to, 'election', RemoveRaftVoter, body)
            : await peers.send(to, 'election', UpdateRaftVoter, body)
      return { kind: 'voterChange', header: { errorCode, epoch, leaderId: to } }
    }
    case 'fetchSnapshot': {
      const body = fetchSnapshotRequest(wire, request.data)
      return fetchSnapshotResponse(learned(await peers.send(to, 'fetch', FetchSnapshot, body)))
    }
  }
}
