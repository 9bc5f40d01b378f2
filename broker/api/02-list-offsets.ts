// ListOffsets, versions 1 to 11: latest (-1), earliest (-2), the record with the largest timestamp (-3, v7),
// earliest local (-4, v8), tiered (-5, v9, nothing), pending upload (-6, v11, nothing), or the first record at
// or after a timestamp. Replica id -1 sees up to the high watermark, others the log's end; -2 asks followers too.
import { ErrorCode } from '../../protocol/errors.ts'
import { ListOffsets, type ListOffsetsRequest } from '../../protocol/schemas/02-list-offsets.ts'
import { type BrokerServices, defineHandler } from './types.ts'

const OFFSET_NOT_AVAILABLE_FROM = 5

/** First version that may ask for each special timestamp. */
const specialTimestamps: ReadonlyMap<number, number> = new Map([
  [-1, 1],
  [-2, 1],
  [-3, 7],
  [-4, 8],
  [-5, 9],
  [-6, 11],
])

type AskedPartition = ListOffsetsRequest['topics'][number]['partitions'][number]

export const listOffsets = defineHandler({
  api: ListOffsets,
  listeners: ['broker'],
  async handle(services, context, request) {
    const duplicates = duplicatesIn(request)
    const topics = request.topics.map(async ({ name, partitions }) => {
      const isAllowed = services.authorize(context, 'DESCRIBE', 'TOPIC', name)
      const answers = partitions.map((asked) => {
        if (!isAllowed) return failed(asked, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        if (duplicates.has(`${name}:${asked.partitionIndex}`)) {
          return failed(asked, ErrorCode.INVALID_REQUEST)
        }
        return answer(services, request, { name, asked, version: context.apiVersion })
      })
      return { name, partitions: await Promise.all(answers) }
    })
    return { topics: await Promise.all(topics) }
  },
})

async function answer(
  services: BrokerServices,
  request: ListOffsetsRequest,
  about: { name: string; asked: AskedPartition; version: number },
) {
  const { name, asked, version } = about
  const { partitionIndex, timestamp, currentLeaderEpoch } = asked
  const firstVersion = timestamp >= 0 ? 0 : specialTimestamps.get(timestamp)
  if (firstVersion === undefined || version < firstVersion) {
    return failed(asked, ErrorCode.UNSUPPORTED_VERSION)
  }
  const found = await services.replicas.listOffsets(
    { topic: name, partition: partitionIndex, timestampMs: timestamp, currentLeaderEpoch },
    { replicaId: request.replicaId, isolationLevel: request.isolationLevel },
  )
  if (found.errorCode !== ErrorCode.NONE) return failed(asked, errorFor(found.errorCode, version))
  return {
    partitionIndex,
    errorCode: ErrorCode.NONE,
    timestamp: found.timestampMs,
    offset: found.offset,
    leaderEpoch: found.leaderEpoch,
  }
}

function errorFor(errorCode: number, version: number): number {
  const isUnknown =
    errorCode === ErrorCode.OFFSET_NOT_AVAILABLE && version < OFFSET_NOT_AVAILABLE_FROM
  return isUnknown ? ErrorCode.LEADER_NOT_AVAILABLE : errorCode
}

function failed({ partitionIndex }: AskedPartition, errorCode: number) {
  return { partitionIndex, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }
}

function duplicatesIn(request: ListOffsetsRequest): ReadonlySet<string> {
  const seen = new Set<string>()
  const duplicates = new Set<string>()
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}:${partitionIndex}`
      if (seen.has(key)) duplicates.add(key)
      seen.add(key)
    }
  }
  return duplicates
}
