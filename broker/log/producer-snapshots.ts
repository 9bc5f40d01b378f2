// The `.snapshot` files of one partition: producer state as it was at an offset. Written on roll and on a
// clean close. Not synced on roll: a torn one fails its CRC and an older one, with more replay, serves.
import path from 'node:path'
import { batchBaseOffset, batchLastOffset } from '../../protocol/records/batch.ts'
import type { Disk } from '../runtime/runtime.ts'
import { walkBatches } from './batch-walker.ts'
import { offsetName, offsetOfFile, SNAPSHOT_SUFFIX } from './names.ts'
import { decodeSnapshot, encodeSnapshot } from './producer-snapshot-format.ts'
import type { ProducerStates } from './producer-state.ts'
import type { Segment } from './segment.ts'

export class ProducerSnapshots {
  readonly #disk: Disk
  readonly #directory: string
  #offsets: number[]

  /** `names`: what is in the directory. */
  constructor(disk: Disk, directory: string, names: readonly string[]) {
    this.#disk = disk
    this.#directory = directory
    this.#offsets = names
      .map((name) => offsetOfFile(name, SNAPSHOT_SUFFIX))
      .filter((offset) => offset !== null)
      .sort((a, b) => a - b)
  }

  get latestOffset(): number {
    return this.#offsets.at(-1) ?? -1
  }

  #pathOf(offset: number): string {
    return path.join(this.#directory, `${offsetName(offset)}${SNAPSHOT_SUFFIX}`)
  }

  async write(offset: number, bytes: Buffer): Promise<void> {
    const handle = await this.#disk.open(this.#pathOf(offset), 'rw')
    try {
      await handle.truncate(0)
      await handle.write([bytes], 0)
    } finally {
      await handle.close()
    }
    this.#note(offset)
  }

  /** On a clean close: synced. */
  async writeSynced(offset: number, states: ProducerStates): Promise<void> {
    await this.#disk.writeFileAtomic(this.#pathOf(offset), encodeSnapshot(states.all()))
    this.#note(offset)
  }

  #note(offset: number): void {
    this.#offsets = [...this.#offsets.filter((o) => o !== offset), offset].sort((a, b) => a - b)
  }

  async deleteAbove(offset: number): Promise<void> {
    await this.#delete((candidate) => candidate > offset)
  }

  async deleteBelow(offset: number): Promise<void> {
    await this.#delete((candidate) => candidate < offset)
  }

  async deleteAll(): Promise<void> {
    await this.#delete(() => true)
  }

  /** Those of no segment's base, but for the newest, only take room. */
  async deleteStray(baseOffsets: ReadonlySet<number>): Promise<void> {
    const newest = this.latestOffset
    await this.#delete((candidate) => candidate !== newest && !baseOffsets.has(candidate))
  }

  async #delete(isDoomed: (offset: number) => boolean): Promise<void> {
    const doomed = this.#offsets.filter(isDoomed)
    if (doomed.length === 0) return
    this.#offsets = this.#offsets.filter((offset) => !isDoomed(offset))
    await Promise.all(doomed.map((offset) => this.#disk.remove(this.#pathOf(offset))))
  }

  /**
   * Makes `states` what it was at `endOffset`: the newest valid snapshot at or below it, then the batches
   * from there. Damaged snapshots are deleted. Below `highWatermark` no marker needs to be seen again: with it,
   * transactions that ended above are known to be unstable still.
   */
  async restore(
    states: ProducerStates,
    segments: readonly Segment[],
    endOffset: number,
    highWatermark = endOffset,
  ): Promise<void> {
    states.clear()
    const fromOffset = await this.#loadNewest(states, Math.min(endOffset, highWatermark))
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
      if (next <= fromOffset || segment.baseOffset >= endOffset) continue
      await replay(states, segment, { fromOffset, endOffset })
    }
  }

  async #loadNewest(states: ProducerStates, endOffset: number): Promise<number> {
    for (const offset of this.#offsets.filter((o) => o <= endOffset).reverse()) {
      const entries = decodeSnapshot(await this.#disk.readFile(this.#pathOf(offset)))
      if (entries !== null) {
        states.restore(entries)
        return offset
      }
      await this.#delete((candidate) => candidate === offset)
    }
    return -1
  }
}

async function replay(
  states: ProducerStates,
  segment: Segment,
  range: { fromOffset: number; endOffset: number },
): Promise<void> {
  const fromBytes =
    range.fromOffset <= segment.baseOffset
      ? 0
      : (await segment.indexes()).offset.lookup(range.fromOffset)
  await segment.withFile((handle) =>
    walkBatches(handle, { fromBytes, toBytes: segment.sizeBytes }, ({ buffer, at }) => {
      if (batchLastOffset(buffer, at) >= range.endOffset) return false
      if (batchBaseOffset(buffer, at) >= range.fromOffset) states.update(buffer, at)
      return true
    }),
  )
}
