// Takes a broker's vote in the metadata quorum, over the wire, for `npm run cluster -- remove`: only where voters may
// change, and not the last one. What is decided stands in the metadata log; asking again carries on.
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'
import { DescribeQuorum } from '../../protocol/schemas/55-describe-quorum.ts'
import { RemoveRaftVoter } from '../../protocol/schemas/81-remove-raft-voter.ts'
import { SupervisorError } from '../layout.ts'
import type { WireClient } from './wire.ts'

const KRAFT_VERSION = 'kraft.version'
const METADATA_TOPIC = '__cluster_metadata'

/** A vote that may be taken, and who votes afterwards. */
interface LeavingVoter {
  id: number
  directoryId: string
  others: number[]
}

/** null where the broker has no vote. Throws SupervisorError where its vote cannot be taken. */
export async function findLeavingVoter(
  client: WireClient,
  id: number,
): Promise<LeavingVoter | null> {
  const voters = await votersNow(client)
  const voter = voters.find((candidate) => candidate.replicaId === id)
  if (voter === undefined) return null
  if ((await kraftVersion(client)) < 1) {
    throw new SupervisorError(
      `broker ${id} votes in the metadata quorum, and voters do not change under kraft.version 0: ` +
        'kafka-features.sh --bootstrap-server HOST:PORT upgrade --feature kraft.version=1 ' +
        'lets them, then ask again',
    )
  }
  const others = voters.map(({ replicaId }) => replicaId).filter((voterId) => voterId !== id)
  if (others.length === 0) {
    throw new SupervisorError(`broker ${id} is the only voter of the metadata quorum`)
  }
  return { id, directoryId: voter.replicaDirectoryId, others }
}

/** No error when it votes no more already. */
export async function removeVoter(client: WireClient, voter: LeavingVoter): Promise<void> {
  const { errorCode, errorMessage } = await client.send(RemoveRaftVoter, {
    clusterId: null,
    voterId: voter.id,
    voterDirectoryId: voter.directoryId,
  })
  if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.VOTER_NOT_FOUND) return
  throw new SupervisorError(`the quorum refused: ${errorMessage ?? errorName(errorCode)}`)
}

async function votersNow(client: WireClient) {
  const topics = [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }]
  const response = await client.send(DescribeQuorum, { topics })
  const partition = response.topics[0]?.partitions[0]
  const code = response.errorCode || partition?.errorCode || ErrorCode.NONE
  if (code !== ErrorCode.NONE || partition === undefined) {
    throw new SupervisorError(`the metadata quorum does not answer: ${errorName(code)}`)
  }
  return partition.currentVoters
}

async function kraftVersion(client: WireClient): Promise<number> {
  const software = { clientSoftwareName: 'eyrie-cluster', clientSoftwareVersion: '1' }
  const { finalizedFeatures } = await client.send(ApiVersions, software)
  return finalizedFeatures.find(({ name }) => name === KRAFT_VERSION)?.maxVersionLevel ?? 0
}
