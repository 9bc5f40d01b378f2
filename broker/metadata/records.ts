// Metadata records as values and as the bytes of the metadata log: uvarint frame version 1, uvarint record
// type, uvarint version, body. Used by the image, the publisher and the controller.

import type { Encodable } from '../../protocol/api.ts'
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageOf,
} from '../../protocol/message.ts'
import { AbortTransactionRecord } from '../../protocol/messages/metadata/abort-transaction-record.ts'
import { AccessControlEntryRecord } from '../../protocol/messages/metadata/access-control-entry-record.ts'
import { BeginTransactionRecord } from '../../protocol/messages/metadata/begin-transaction-record.ts'
import { BrokerRegistrationChangeRecord } from '../../protocol/messages/metadata/broker-registration-change-record.ts'
import { ClearElrRecord } from '../../protocol/messages/metadata/clear-elr-record.ts'
import { ClientQuotaRecord } from '../../protocol/messages/metadata/client-quota-record.ts'
import { ConfigRecord } from '../../protocol/messages/metadata/config-record.ts'
import { DelegationTokenRecord } from '../../protocol/messages/metadata/delegation-token-record.ts'
import { EndTransactionRecord } from '../../protocol/messages/metadata/end-transaction-record.ts'
import { FeatureLevelRecord } from '../../protocol/messages/metadata/feature-level-record.ts'
import { FenceBrokerRecord } from '../../protocol/messages/metadata/fence-broker-record.ts'
import { NoOpRecord } from '../../protocol/messages/metadata/no-op-record.ts'
import { PartitionChangeRecord } from '../../protocol/messages/metadata/partition-change-record.ts'
import { PartitionRecord } from '../../protocol/messages/metadata/partition-record.ts'
import { ProducerIdsRecord } from '../../protocol/messages/metadata/producer-ids-record.ts'
import { RegisterBrokerRecord } from '../../protocol/messages/metadata/register-broker-record.ts'
import { RegisterControllerRecord } from '../../protocol/messages/metadata/register-controller-record.ts'
import { RemoveAccessControlEntryRecord } from '../../protocol/messages/metadata/remove-access-control-entry-record.ts'
import { RemoveDelegationTokenRecord } from '../../protocol/messages/metadata/remove-delegation-token-record.ts'
import { RemoveTopicRecord } from '../../protocol/messages/metadata/remove-topic-record.ts'
import { RemoveUserScramCredentialRecord } from '../../protocol/messages/metadata/remove-user-scram-credential-record.ts'
import { TopicRecord } from '../../protocol/messages/metadata/topic-record.ts'
import { UnfenceBrokerRecord } from '../../protocol/messages/metadata/unfence-broker-record.ts'
import { UnregisterBrokerRecord } from '../../protocol/messages/metadata/unregister-broker-record.ts'
import { UserScramCredentialRecord } from '../../protocol/messages/metadata/user-scram-credential-record.ts'
import { ZkMigrationStateRecord } from '../../protocol/messages/metadata/zk-migration-state-record.ts'
import { Reader, SchemaError, Writer } from '../../protocol/primitives.ts'

const FRAME_VERSION = 1

const recordMessages = {
  registerBroker: RegisterBrokerRecord,
  unregisterBroker: UnregisterBrokerRecord,
  topic: TopicRecord,
  partition: PartitionRecord,
  config: ConfigRecord,
  partitionChange: PartitionChangeRecord,
  fenceBroker: FenceBrokerRecord,
  unfenceBroker: UnfenceBrokerRecord,
  removeTopic: RemoveTopicRecord,
  delegationToken: DelegationTokenRecord,
  userScramCredential: UserScramCredentialRecord,
  featureLevel: FeatureLevelRecord,
  clientQuota: ClientQuotaRecord,
  producerIds: ProducerIdsRecord,
  brokerRegistrationChange: BrokerRegistrationChangeRecord,
  accessControlEntry: AccessControlEntryRecord,
  removeAccessControlEntry: RemoveAccessControlEntryRecord,
  noOp: NoOpRecord,
  zkMigrationState: ZkMigrationStateRecord,
  removeUserScramCredential: RemoveUserScramCredentialRecord,
  beginTransaction: BeginTransactionRecord,
  endTransaction: EndTransactionRecord,
  abortTransaction: AbortTransactionRecord,
  removeDelegationToken: RemoveDelegationTokenRecord,
  registerController: RegisterControllerRecord,
  clearElr: ClearElrRecord,
} as const

type RecordMessages = typeof recordMessages
export type MetadataRecordType = keyof RecordMessages

/** One record of one type: `value` has every field, `framed` is what the log holds. */
export interface MetadataRecordOf<T extends MetadataRecordType> {
  readonly type: T
  readonly version: number
  readonly value: MessageOf<RecordMessages[T]>
  readonly framed: Buffer
}

export type MetadataRecord = { [T in MetadataRecordType]: MetadataRecordOf<T> }[MetadataRecordType]

const typeByKey: ReadonlyMap<number, MetadataRecordType> = new Map(
  Object.entries(recordMessages).map(([type, message]) => [
    message.apiKey,
    type as MetadataRecordType,
  ]),
)

/**
 * The versions that Apache Kafka 4.3 writes at metadata.version 4.3-IV0; broker registration changes take
 * the lowest version that holds what they say.
 */
const currentVersions: Partial<Record<MetadataRecordType, number>> = {
  registerBroker: 4,
  partition: 2,
  partitionChange: 2,
}

/** Any field of `value` may be left out and takes its default. */
export function createRecord<T extends MetadataRecordType>(
  type: T,
  value: Encodable<MessageOf<RecordMessages[T]>>,
  version: number = currentVersions[type] ?? 0,
): MetadataRecord {
  const message = recordMessages[type] as unknown as Message<MessageOf<RecordMessages[T]>>
  const body = encodeMessage(message, version, value)
  const framed = Buffer.concat([frameHeader(message.apiKey, version), body])
  // Safe because the value is decoded with the very message that `type` names.
  return {
    type,
    version,
    value: decodeMessage(message, version, body),
    framed,
  } as unknown as MetadataRecord
}

const frameHeaders = new Map<number, Buffer>()

function frameHeader(apiKey: number, version: number): Buffer {
  const key = apiKey * 256 + version
  let header = frameHeaders.get(key)
  if (header === undefined) {
    const writer = new Writer(8)
    writer.uvarint(FRAME_VERSION)
    writer.uvarint(apiKey)
    writer.uvarint(version)
    header = writer.toBuffer()
    frameHeaders.set(key, header)
  }
  return header
}

/** null for a record type that Kafka 4.3 does not know. Throws SchemaError on bytes that are not a record. */
export function decodeRecord(framed: Buffer): MetadataRecord | null {
  const reader = new Reader(framed)
  const frameVersion = reader.uvarint()
  if (frameVersion !== FRAME_VERSION) {
    throw new SchemaError(`metadata record frame version ${frameVersion}`)
  }
  const apiKey = reader.uvarint()
  const version = reader.uvarint()
  const type = typeByKey.get(apiKey)
  if (type === undefined) return null
  const message = recordMessages[type] as unknown as Message<unknown>
  const value = decodeMessage(message, version, framed, reader.position)
  // Safe because the value is decoded with the very message that `type` names.
  return { type, version, value, framed } as unknown as MetadataRecord
}

/** Unknown types are left out. */
export function decodeRecords(framed: readonly Buffer[]): MetadataRecord[] {
  const records: MetadataRecord[] = []
  for (const bytes of framed) {
    const record = decodeRecord(bytes)
    if (record !== null) records.push(record)
  }
  return records
}
