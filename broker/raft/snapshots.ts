// Snapshot files `<end offset>-<epoch>.checkpoint` beside the metadata log, in Kafka's format: a
// header control batch, data batches, a footer control batch. Owned by RaftNode. A file with its
// final name is whole and synced; `.part` files are leftovers of a crash and are removed at start.
import {
  batchBaseOffset,
  batchPositions,
  batchRecordCount,
  batchSizeBytes,
  isControlBatch,
  verifyBatchCrc,
} from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import type { Disk, FileHandle } from '../runtime/runtime.ts'
import { readSnapshotHeader, snapshotFooterBatch, snapshotHeaderBatch } from './control-records.ts'
import type { OffsetAndEpoch } from './log-model.ts'
import type { QuorumChange } from './voter-set.ts'

export interface StoredSnapshot extends OffsetAndEpoch {
  sizeBytes: number
  lastContainedLogTimestampMs: number
  /** Who votes as of its end; null under kraft.version 0. */
  change: QuorumChange | null
}

export interface SnapshotContent {
  lastContainedLogTimestampMs: number
  change?: QuorumChange | null
  records: Buffer[]
}

const NAME = /^(\d{20})-(\d{10})\.checkpoint$/
const PART_SUFFIX = '.part'
/** Room for hundreds of voters. */
const HEADER_READ_BYTES = 64 * 1024
const BATCH_BYTES_TARGET = 256 * 1024

export class SnapshotStore {
  readonly #disk: Disk
  readonly #directory: string
  readonly #nowMs: () => number
  #stored: StoredSnapshot[] = []
  /** The snapshot being fetched from the leader. */
  #partial: { id: OffsetAndEpoch; handle: FileHandle; sizeBytes: number } | null = null

  private constructor(options: { disk: Disk; directory: string; nowMs: () => number }) {
    this.#disk = options.disk
    this.#directory = options.directory
    this.#nowMs = options.nowMs
  }

  static async open(options: {
    disk: Disk
    directory: string
    nowMs: () => number
  }): Promise<SnapshotStore> {
    const store = new SnapshotStore(options)
    for (const name of await options.disk.readdir(options.directory)) {
      if (name.endsWith(`.checkpoint${PART_SUFFIX}`)) {
        await options.disk.unlink(`${options.directory}/${name}`)
        continue
      }
      const match = NAME.exec(name)
      if (match === null) continue
      await store.#remember({ offset: Number(match[1]), epoch: Number(match[2]) })
    }
    return store
  }

  /** Oldest first. */
  get stored(): readonly StoredSnapshot[] {
    return this.#stored
  }

  get latest(): StoredSnapshot | null {
    return this.#stored.at(-1) ?? null
  }

  /**
   * Resolves once the snapshot is on disk under its name; nothing is done when it is there already.
   */
  async write(id: OffsetAndEpoch, content: SnapshotContent): Promise<void> {
    if (this.#find(id) !== null) return
    const path = this.#path(id)
    const handle = await this.#disk.open(path + PART_SUFFIX, 'rw')
    try {
      await handle.truncate(0)
      let positionBytes = 0
      for (const batch of snapshotBatches(id, content, this.#nowMs())) {
        await handle.write([batch], positionBytes)
        positionBytes += batch.length
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    await this.#publish(id)
  }

  /** Adds bytes of a snapshot fetched from the leader; position 0 starts it anew. */
  async storeChunk(id: OffsetAndEpoch, positionBytes: number, bytes: Buffer): Promise<void> {
    if (positionBytes === 0) {
      await this.dropPartial()
      const handle = await this.#disk.open(this.#path(id) + PART_SUFFIX, 'rw')
      await handle.truncate(0)
      this.#partial = { id, handle, sizeBytes: 0 }
    }
    const partial = this.#partial
    if (partial === null || partial.sizeBytes !== positionBytes || !isSame(partial.id, id)) {
      throw new Error(`snapshot ${this.#name(id)}: no bytes are expected at ${positionBytes}`)
    }
    await partial.handle.write([bytes], positionBytes)
    partial.sizeBytes += bytes.length
  }

  /** Syncs and checks what was fetched; false (and all of it dropped) when it is damaged. */
  async finishPartial(id: OffsetAndEpoch): Promise<boolean> {
    const partial = this.#partial
    if (partial === null || !isSame(partial.id, id)) return false
    await partial.handle.sync()
    const bytes = await this.#disk.readFile(this.#path(id) + PART_SUFFIX)
    const isSound = readSnapshotHeader(bytes) !== null && isUndamaged(bytes)
    if (!isSound) {
      await this.dropPartial()
      return false
    }
    await partial.handle.close()
    this.#partial = null
    await this.#publish(id)
    return true
  }

  async dropPartial(): Promise<void> {
    const partial = this.#partial
    if (partial === null) return
    this.#partial = null
    await partial.handle.close()
    await this.#disk.remove(this.#path(partial.id) + PART_SUFFIX)
  }

  /** Up to `maxBytes` of the file from `positionBytes`; null when there is no such snapshot. */
  async readChunk(
    id: OffsetAndEpoch,
    positionBytes: number,
    maxBytes: number,
  ): Promise<{ bytes: Buffer; sizeBytes: number } | null> {
    const stored = this.#find(id)
    if (stored === null) return null
    const left = Math.max(0, stored.sizeBytes - positionBytes)
    const target = Buffer.allocUnsafe(Math.min(left, Math.max(1, maxBytes)))
    const handle = await this.#disk.open(this.#path(id), 'r')
    try {
      const count = await handle.read(target, positionBytes)
      return { bytes: target.subarray(0, count), sizeBytes: stored.sizeBytes }
    } finally {
      await handle.close()
    }
  }

  /** All data records, in order; control records are left out. Throws on a damaged file. */
  async read(id: OffsetAndEpoch): Promise<SnapshotContent> {
    const bytes = await this.#disk.readFile(this.#path(id))
    const header = readSnapshotHeader(bytes)
    if (header === null || !isUndamaged(bytes)) {
      throw new Error(`snapshot ${this.#name(id)} is damaged`)
    }
    const records: Buffer[] = []
    for (const at of batchPositions(bytes)) {
      if (isControlBatch(bytes, at)) continue
      for (const record of readRecordsSync(bytes, at)) {
        if (record.value !== null) records.push(record.value)
      }
    }
    return { lastContainedLogTimestampMs: header.lastContainedLogTimestampMs, records }
  }

  async remove(id: OffsetAndEpoch): Promise<void> {
    this.#stored = this.#stored.filter((stored) => !isSame(stored, id))
    await this.#disk.remove(this.#path(id))
  }

  async close(): Promise<void> {
    await this.dropPartial()
  }

  async #publish(id: OffsetAndEpoch): Promise<void> {
    const path = this.#path(id)
    await this.#disk.rename(path + PART_SUFFIX, path)
    await this.#disk.syncDirectory(this.#directory)
    await this.#remember(id)
  }

  async #remember(id: OffsetAndEpoch): Promise<void> {
    const handle = await this.#disk.open(this.#path(id), 'r')
    try {
      const sizeBytes = await handle.sizeBytes()
      const head = Buffer.alloc(Math.min(sizeBytes, HEADER_READ_BYTES))
      await handle.read(head, 0)
      const header = readSnapshotHeader(head)
      const lastContainedLogTimestampMs = header?.lastContainedLogTimestampMs ?? 0
      const change = header?.change ?? null
      const { offset, epoch } = id
      const stored = { offset, epoch, sizeBytes, lastContainedLogTimestampMs, change }
      this.#stored = [...this.#stored, stored].sort((left, right) => left.offset - right.offset)
    } finally {
      await handle.close()
    }
  }

  changeOf(id: OffsetAndEpoch): QuorumChange | null {
    return this.#find(id)?.change ?? null
  }

  #find(id: OffsetAndEpoch): StoredSnapshot | null {
    return this.#stored.find((stored) => isSame(stored, id)) ?? null
  }

  #name(id: OffsetAndEpoch): string {
    const offset = String(id.offset).padStart(20, '0')
    return `${offset}-${String(id.epoch).padStart(10, '0')}`
  }

  #path(id: OffsetAndEpoch): string {
    return `${this.#directory}/${this.#name(id)}.checkpoint`
  }
}

/** Offsets inside a snapshot count from 0; its epoch is that of the last record it covers. */
function* snapshotBatches(
  id: OffsetAndEpoch,
  content: SnapshotContent,
  timestampMs: number,
): Generator<Buffer> {
  let place = { baseOffset: 0, leaderEpoch: id.epoch, timestampMs }
  const header = snapshotHeaderBatch(
    place,
    content.lastContainedLogTimestampMs,
    content.change ?? null,
  )
  yield header
  place = { ...place, baseOffset: batchRecordCount(header, 0) }
  let from = 0
  while (from < content.records.length) {
    let until = from
    for (let sizeBytes = 0; until < content.records.length; until += 1) {
      sizeBytes += content.records[until]?.length ?? 0
      if (until > from && sizeBytes > BATCH_BYTES_TARGET) break
    }
    const records = content.records.slice(from, until)
    const { baseOffset, leaderEpoch } = place
    yield buildBatch({
      baseOffset,
      leaderEpoch,
      records: records.map((value) => ({ key: null, value, timestampMs })),
    })
    place = { ...place, baseOffset: baseOffset + records.length }
    from = until
  }
  yield snapshotFooterBatch(place)
}

function isUndamaged(bytes: Buffer): boolean {
  let end = 0
  let nextOffset = 0
  for (const at of batchPositions(bytes)) {
    if (!verifyBatchCrc(bytes, at) || batchBaseOffset(bytes, at) !== nextOffset) return false
    nextOffset += batchRecordCount(bytes, at)
    end = at + batchSizeBytes(bytes, at)
  }
  return end === bytes.length
}

function isSame(left: OffsetAndEpoch, right: OffsetAndEpoch): boolean {
  return left.offset === right.offset && left.epoch === right.epoch
}
