// Texts of the small files beside the logs: offset checkpoints, leader epochs, meta.properties,
// partition.metadata and the clean-shutdown marker. Pure but for the two readers at the end.
// All are written whole (Disk.writeFileAtomic): after a crash the old or the new one is there.
import type { Disk } from '../runtime/runtime.ts'
import type { EpochEntry, TopicPartition } from './types.ts'

export const RECOVERY_POINT_FILE = 'recovery-point-offset-checkpoint'
export const HIGH_WATERMARK_FILE = 'replication-offset-checkpoint'
export const LOG_START_FILE = 'log-start-offset-checkpoint'
export const CLEANER_OFFSET_FILE = 'cleaner-offset-checkpoint'
export const META_PROPERTIES_FILE = 'meta.properties'
export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown'
export const LOCK_FILE = '.lock'

const CHECKPOINT_VERSION = '0'

/** A damaged file: refused as a whole, its owner says what that means. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError'
}

function encodeLines(lines: readonly string[]): string {
  return `${[CHECKPOINT_VERSION, String(lines.length), ...lines].join('\n')}\n`
}

function decodeLines(text: string, what: string): string[] {
  const [version, count, ...rest] = text.split('\n')
  const lines = rest.filter((line) => line.trim() !== '')
  if (version !== CHECKPOINT_VERSION || Number(count) !== lines.length) {
    throw new CheckpointError(`${what} is damaged`)
  }
  return lines
}

function number(text: string | undefined, what: string): number {
  const value = Number(text)
  if (text === undefined || text === '' || !Number.isSafeInteger(value)) {
    throw new CheckpointError(`${what} is damaged: '${text ?? ''}' is no number`)
  }
  return value
}

/** Key of an offset map: `<topic>-<partition>`, as the directory is called. */
export function encodeOffsets(entries: Iterable<TopicPartition & { offset: number }>): string {
  const lines: string[] = []
  for (const { topic, partition, offset } of entries) lines.push(`${topic} ${partition} ${offset}`)
  return encodeLines(lines)
}

export function decodeOffsets(text: string): Map<string, number> {
  const offsets = new Map<string, number>()
  for (const line of decodeLines(text, 'An offset checkpoint')) {
    const [topic, partition, offset] = line.trim().split(/\s+/)
    offsets.set(`${topic}-${partition}`, number(offset, 'An offset checkpoint'))
  }
  return offsets
}

export function encodeEpochs(entries: readonly EpochEntry[]): string {
  return encodeLines(entries.map((entry) => `${entry.epoch} ${entry.startOffset}`))
}

export function decodeEpochs(text: string): EpochEntry[] {
  const what = 'The leader epoch checkpoint'
  return decodeLines(text, what).map((line) => {
    const [epoch, startOffset] = line.trim().split(/\s+/)
    return { epoch: number(epoch, what), startOffset: number(startOffset, what) }
  })
}

export function encodePartitionMetadata(topicId: string): string {
  return `version: 0\ntopic_id: ${topicId}\n`
}

/** null when the file says no topic id (a crash right after its directory was made). */
export function decodePartitionMetadata(text: string): string | null {
  return /^topic_id:\s*([A-Za-z0-9_-]{22})\s*$/m.exec(text)?.[1] ?? null
}

export interface MetaProperties {
  clusterId: string
  nodeId: number
  directoryId: string
}

export function encodeMetaProperties(meta: MetaProperties): string {
  return (
    `version=1\ncluster.id=${meta.clusterId}\n` +
    `directory.id=${meta.directoryId}\nnode.id=${meta.nodeId}\n`
  )
}

/** Throws CheckpointError when a value is missing. `directoryId` is '' where an old file has none. */
export function decodeMetaProperties(text: string): MetaProperties {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*([^#!=:\s]+)\s*[=:]\s*(.*?)\s*$/.exec(line)
    if (match?.[1] !== undefined) values.set(match[1], (match[2] ?? '').replaceAll('\\', ''))
  }
  const clusterId = values.get('cluster.id')
  if (clusterId === undefined) throw new CheckpointError('meta.properties has no cluster.id')
  return {
    clusterId,
    nodeId: number(values.get('node.id') ?? values.get('broker.id'), 'meta.properties'),
    directoryId: values.get('directory.id') ?? '',
  }
}

export function encodeCleanShutdown(brokerEpoch: number): string {
  return JSON.stringify({ version: 0, brokerEpoch })
}

/** -1 when the epoch is not told; Kafka before 3.6 leaves the file empty. */
export function decodeCleanShutdown(text: string): number {
  const match = /"brokerEpoch"\s*:\s*(-?\d+)/.exec(text)
  return match?.[1] === undefined ? -1 : Number(match[1])
}

/** null when there is no such file. */
export async function readTextFile(disk: Disk, path: string): Promise<string | null> {
  try {
    return (await disk.readFile(path)).toString('utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
