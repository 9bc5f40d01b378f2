// Records of `__transaction_state` in Kafka's formats: an int16 version, then the message. Values are written
// in version 0, and in the flexible version 1 from transaction.version 1 on.
import { decodeMessage, encodeMessage } from '../../../protocol/message.ts'
import { TransactionLogKey } from '../../../protocol/messages/transaction/transaction-log-key.ts'
import { TransactionLogValue } from '../../../protocol/messages/transaction/transaction-log-value.ts'
import type { WritableRecord } from '../log-writer.ts'
import {
  NO_PRODUCER_EPOCH,
  partitionName,
  partitionsByTopic,
  type TransactionMetadata,
  transactionStates,
} from './metadata.ts'

const KEY_VERSION = 0
const FLEXIBLE_SINCE = 1

function withVersion(version: number, body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(2 + body.length)
  out.writeInt16BE(version, 0)
  body.copy(out, 2)
  return out
}

/** `metadata` null: a tombstone. `transactionVersion`: as finalized now. */
export function transactionRecord(
  transactionalId: string,
  metadata: TransactionMetadata | null,
  transactionVersion: number,
): WritableRecord {
  const key = encodeMessage(TransactionLogKey, KEY_VERSION, { transactionalId })
  const version = transactionVersion >= FLEXIBLE_SINCE ? 1 : 0
  return {
    key: withVersion(KEY_VERSION, key),
    value: metadata === null ? null : withVersion(version, encodeValue(metadata, version)),
  }
}

function encodeValue(metadata: TransactionMetadata, version: number): Buffer {
  const topics = [...partitionsByTopic(metadata.partitions)]
  const base = {
    producerId: metadata.producerId,
    producerEpoch: metadata.producerEpoch,
    transactionTimeoutMs: metadata.timeoutMs,
    transactionStatus: transactionStates.indexOf(metadata.state),
    transactionPartitions:
      metadata.state === 'Empty'
        ? null
        : topics.map(([topic, partitionIds]) => ({ topic, partitionIds })),
    transactionLastUpdateTimestampMs: metadata.lastUpdateMs,
    transactionStartTimestampMs: metadata.startMs,
  }
  if (version < 1) return encodeMessage(TransactionLogValue, version, base)
  return encodeMessage(TransactionLogValue, version, {
    ...base,
    previousProducerId: metadata.previousProducerId,
    nextProducerId: metadata.nextProducerId,
    clientTransactionVersion: metadata.clientTransactionVersion,
  })
}

export interface ParsedTransaction {
  transactionalId: string
  /** null: forgotten. */
  metadata: TransactionMetadata | null
}

/** null for keys of versions to come. Throws SchemaError where a known one does not follow its schema. */
export function parseTransactionRecord(
  key: Buffer,
  value: Buffer | null,
): ParsedTransaction | null {
  if (key.readInt16BE(0) !== KEY_VERSION) return null
  const { transactionalId } = decodeMessage(TransactionLogKey, KEY_VERSION, key, 2)
  if (value === null) return { transactionalId, metadata: null }
  const stored = decodeMessage(TransactionLogValue, value.readInt16BE(0), value, 2)
  const partitions = (stored.transactionPartitions ?? []).flatMap(({ topic, partitionIds }) =>
    partitionIds.map((partition) => partitionName(topic, partition)),
  )
  return {
    transactionalId,
    metadata: {
      producerId: stored.producerId,
      previousProducerId: stored.previousProducerId,
      nextProducerId: stored.nextProducerId,
      producerEpoch: stored.producerEpoch,
      lastProducerEpoch: NO_PRODUCER_EPOCH,
      timeoutMs: stored.transactionTimeoutMs,
      state: transactionStates[stored.transactionStatus] ?? unknownState(stored.transactionStatus),
      partitions: new Set(partitions),
      startMs: stored.transactionStartTimestampMs,
      lastUpdateMs: stored.transactionLastUpdateTimestampMs,
      clientTransactionVersion: stored.clientTransactionVersion,
    },
  }
}

function unknownState(id: number): never {
  throw new Error(`a record of __transaction_state has the unknown state ${id}`)
}
