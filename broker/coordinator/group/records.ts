// Records of `__consumer_offsets` in Kafka's formats: an int16 (record type in keys, schema version in
// values), then the message. Written: offset commits (key 1, value 4) and classic groups (key 2, value 3).
import { decodeMessage, encodeMessage } from '../../../protocol/message.ts'
import { GroupMetadataKey } from '../../../protocol/messages/group/group-metadata-key.ts'
import { GroupMetadataValue } from '../../../protocol/messages/group/group-metadata-value.ts'
import { OffsetCommitKey } from '../../../protocol/messages/group/offset-commit-key.ts'
import { OffsetCommitValue } from '../../../protocol/messages/group/offset-commit-value.ts'

const OFFSET_COMMIT_VALUE_VERSION = 4
const GROUP_METADATA_VALUE_VERSION = 3

export interface CoordinatorRecord {
  key: Buffer
  /** null: a tombstone. */
  value: Buffer | null
}

export type ParsedRecord =
  | { type: 'offset'; key: OffsetCommitKey; value: OffsetCommitValue | null }
  | { type: 'group'; key: GroupMetadataKey; value: GroupMetadataValue | null }
  /** Of a kind that this coordinator does not keep (other group types). */
  | { type: 'other' }

function withPrefix(prefix: number, body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(2 + body.length)
  out.writeInt16BE(prefix, 0)
  body.copy(out, 2)
  return out
}

export function offsetRecord(
  key: OffsetCommitKey,
  value: Omit<OffsetCommitValue, 'expireTimestamp'> | null,
): CoordinatorRecord {
  const version = OFFSET_COMMIT_VALUE_VERSION
  return {
    key: withPrefix(OffsetCommitKey.apiKey, encodeMessage(OffsetCommitKey, 0, key)),
    value:
      value === null ? null : withPrefix(version, encodeMessage(OffsetCommitValue, version, value)),
  }
}

export function groupRecord(group: string, value: GroupMetadataValue | null): CoordinatorRecord {
  const version = GROUP_METADATA_VALUE_VERSION
  return {
    key: withPrefix(GroupMetadataKey.apiKey, encodeMessage(GroupMetadataKey, 0, { group })),
    value:
      value === null
        ? null
        : withPrefix(version, encodeMessage(GroupMetadataValue, version, value)),
  }
}

/** Throws SchemaError when a record of a known kind does not follow its schema. */
export function parseRecord(record: { key: Buffer; value: Buffer | null }): ParsedRecord {
  const { key, value } = record
  const version = value === null ? 0 : value.readInt16BE(0)
  switch (key.readInt16BE(0)) {
    case 0:
    case 1:
      return {
        type: 'offset',
        key: decodeMessage(OffsetCommitKey, 0, key, 2),
        value: value && decodeMessage(OffsetCommitValue, version, value, 2),
      }
    case 2:
      return {
        type: 'group',
        key: decodeMessage(GroupMetadataKey, 0, key, 2),
        value: value && decodeMessage(GroupMetadataValue, version, value, 2),
      }
    default:
      return { type: 'other' }
  }
}
