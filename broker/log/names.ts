// Names of files and directories of a partition log, as Apache Kafka spells them. Pure.
import type { TopicPartition } from './types.ts'

export const LOG_SUFFIX = '.log'
export const OFFSET_INDEX_SUFFIX = '.index'
export const TIME_INDEX_SUFFIX = '.timeindex'
export const TRANSACTION_INDEX_SUFFIX = '.txnindex'
export const SNAPSHOT_SUFFIX = '.snapshot'
export const DELETED_SUFFIX = '.deleted'
export const CLEANED_SUFFIX = '.cleaned'
export const SWAP_SUFFIX = '.swap'

/** The quorum opens its log itself, whoever's directory it is in. */
export const METADATA_TOPIC = '__cluster_metadata'

export const LEADER_EPOCH_FILE = 'leader-epoch-checkpoint'
export const PARTITION_METADATA_FILE = 'partition.metadata'

/** All that belongs to one segment, the log itself last: without it the rest is swept on opening. */
export const SEGMENT_SUFFIXES = [
  OFFSET_INDEX_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
  LOG_SUFFIX,
] as const

export function offsetName(offset: number): string {
  return String(offset).padStart(20, '0')
}

/** The offset that begins a file name, if `suffix` is all that follows it; else null. */
export function offsetOfFile(name: string, suffix: string): number | null {
  if (name.length !== 20 + suffix.length || !name.endsWith(suffix)) return null
  const digits = name.slice(0, 20)
  return /^\d{20}$/.test(digits) ? Number(digits) : null
}

export function directoryName(tp: TopicPartition): string {
  return `${tp.topic}-${tp.partition}`
}

export function deletedDirectoryName(tp: TopicPartition, uuid: string): string {
  return uniqueName(tp, uuid, 'delete')
}

export function strayDirectoryName(tp: TopicPartition, uuid: string): string {
  return uniqueName(tp, uuid, 'stray')
}

/** Where a replica that moves to another directory grows until it takes the place of the old one. */
export function futureDirectoryName(tp: TopicPartition, uuid: string): string {
  const hex = Buffer.from(uuid, 'base64url').toString('hex')
  return `${directoryName(tp)}.${hex}-future`
}

/** A directory name holds 255 bytes; a long topic gives way to the suffix. */
function uniqueName(tp: TopicPartition, uuid: string, suffix: string): string {
  const hex = Buffer.from(uuid, 'base64url').toString('hex')
  const tail = `.${hex}-${suffix}`
  return `${directoryName(tp).slice(0, 255 - tail.length)}${tail}`
}

export function isDeletedDirectory(name: string): boolean {
  return /\.[0-9a-f]{32}-delete$/.test(name)
}

/** null for what is not the directory of a future log. */
export function parseFutureDirectoryName(name: string): TopicPartition | null {
  const match = /^(.+)\.[0-9a-f]{32}-future$/.exec(name)
  return match?.[1] === undefined ? null : parseDirectoryName(match[1])
}

/** null for what is not a live partition's directory. */
export function parseDirectoryName(name: string): TopicPartition | null {
  const match = /^([a-zA-Z0-9._-]{1,249})-(\d{1,10})$/.exec(name)
  if (match === null) return null
  const [, topic = '', partition = ''] = match
  return { topic, partition: Number(partition) }
}
