// TxnOffsetCommit on the group's side: the transaction is verified first, then member and generation are
// judged in the turn in which the offsets are queued for the log, so that no rebalance comes between.
import type { Encodable } from '../../../protocol/api.ts'
import { ErrorCode } from '../../../protocol/errors.ts'
import { ZERO_UUID } from '../../../protocol/primitives.ts'
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../../protocol/schemas/28-txn-offset-commit.ts'
import type { VerificationGuard } from '../../log/types.ts'
import type { ProducerTransaction, TransactionOperation } from '../../replication/types.ts'
import { coordinatorError } from '../log-writer.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { GroupShard } from './shard.ts'

/** What clients of a version understand, and from 5 on that AddOffsetsToTxn is not asked for. */
function operationOf(apiVersion: number): TransactionOperation {
  if (apiVersion >= 5) return 'add-partition'
  return apiVersion === 4 ? 'abortable-errors' : 'default-errors'
}

export interface TxnOffsetCommit {
  request: TxnOffsetCommitRequest
  apiVersion: number
  /** The shard as of now, or the error that the client should hear. */
  shard: () => GroupShard | number
  /** Is the group's partition of `__consumer_offsets` in the transaction? Its coordinator is asked. */
  verify: (
    transaction: ProducerTransaction,
  ) => Promise<{ errorCode: number; verificationGuard: VerificationGuard | null }>
  nowMs: () => number
  offsetMetadataMaxBytes: number
}

export async function commitTxnOffsets(
  commit: TxnOffsetCommit,
): Promise<Encodable<TxnOffsetCommitResponse>> {
  const { request } = commit
  if (request.groupId === '') return answer(request, ErrorCode.INVALID_GROUP_ID)
  const before = commit.shard()
  if (typeof before === 'number') return answer(request, before)
  const { transactionalId, producerId, producerEpoch } = request
  const operation = operationOf(commit.apiVersion)
  const transaction = { transactionalId, producerId, producerEpoch, operation }
  const verified = await commit.verify(transaction)
  if (verified.errorCode !== ErrorCode.NONE) {
    return answer(request, verificationError(verified.errorCode))
  }
  const shard = commit.shard()
  if (typeof shard === 'number') return answer(request, shard)
  return write(commit, shard, verified.verificationGuard)
}

/** NETWORK_EXCEPTION would end older clients: as "loading" they ask the same coordinator again. */
function verificationError(errorCode: number): number {
  if (errorCode === ErrorCode.NETWORK_EXCEPTION) return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  const mapped = coordinatorError(errorCode)
  return mapped === ErrorCode.UNKNOWN_SERVER_ERROR ? errorCode : mapped
}

function write(
  commit: TxnOffsetCommit,
  shard: GroupShard,
  verificationGuard: VerificationGuard | null,
): Promise<Encodable<TxnOffsetCommitResponse>> {
  const { request, offsetMetadataMaxBytes } = commit
  let group = shard.get(request.groupId)
  if (group === null) {
    if (request.generationId >= 0) {
      return Promise.resolve(answer(request, ErrorCode.ILLEGAL_GENERATION))
    }
    group = shard.getOrCreate(request.groupId)
  }
  const error = checkMember(group, request)
  if (error !== ErrorCode.NONE) return Promise.resolve(answer(request, error))
  const isTooLong = (metadata: string | null) =>
    metadata !== null && Buffer.byteLength(metadata) > offsetMetadataMaxBytes
  const commitTimestamp = commit.nowMs()
  const offsets = request.topics.flatMap(({ name, partitions }) =>
    partitions
      .filter((p) => !isTooLong(p.committedMetadata))
      .map((p) => ({
        key: { group: request.groupId, topic: name, partition: p.partitionIndex },
        value: {
          offset: p.committedOffset,
          leaderEpoch: p.committedLeaderEpoch,
          metadata: p.committedMetadata ?? '',
          commitTimestamp,
          expireTimestamp: -1,
          topicId: ZERO_UUID,
        },
      })),
  )
  const { producerId, producerEpoch } = request
  const producer = { producerId, producerEpoch, verificationGuard }
  return new Promise((resolve) => {
    shard.commitTransactional(offsets, producer, (errorCode) =>
      resolve(
        answer(request, ({ committedMetadata }) =>
          isTooLong(committedMetadata) ? ErrorCode.OFFSET_METADATA_TOO_LARGE : errorCode,
        ),
      ),
    )
  })
}

/** As for OffsetCommit, but the state of the group does not bind, and old producers name no member. */
function checkMember(group: ClassicGroup, request: TxnOffsetCommitRequest): number {
  const { memberId, groupInstanceId, generationId } = request
  const isAnonymous = memberId === '' && groupInstanceId === null
  const isOutside = generationId < 0 && (isAnonymous || group.isIn('Empty'))
  if (isOutside && !group.isIn('Dead')) return ErrorCode.NONE
  return group.checkMember(memberId, groupInstanceId, generationId)
}

type AskedPartition = TxnOffsetCommitRequest['topics'][number]['partitions'][number]

function answer(
  request: TxnOffsetCommitRequest,
  errorOf: number | ((partition: AskedPartition) => number),
): Encodable<TxnOffsetCommitResponse> {
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((p) => ({
        partitionIndex: p.partitionIndex,
        errorCode: typeof errorOf === 'number' ? errorOf : errorOf(p),
      })),
    })),
  }
}
