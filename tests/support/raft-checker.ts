// What must hold in every history of the Raft simulation: one leader an epoch, one content an offset.
import type { Disk } from './raft-disk.ts'

export class RaftChecker {
  readonly #leaders = new Map<number, number>()
  /** Offset → what was committed there. */
  readonly committed: string[] = []

  leads(id: number, epoch: number): void {
    const other = this.#leaders.get(epoch)
    if (other !== undefined && other !== id) {
      throw new Error(`epoch ${epoch}: ${other} and ${id} lead`)
    }
    this.#leaders.set(epoch, id)
  }

  /** Node `id` takes everything below `highWatermark` for committed; below `from` it was checked. */
  commits(id: number, disk: Disk, from: number, highWatermark: number): void {
    const known = [...(disk.snapshot?.batches ?? []), ...disk.batches]
    for (const batch of known) {
      if (batch.lastOffset < from || batch.baseOffset >= highWatermark) continue
      if (batch.lastOffset >= highWatermark) throw new Error('a batch is committed in part')
      const content = `${batch.epoch}:${batch.payload}`
      for (let offset = batch.baseOffset; offset <= batch.lastOffset; offset += 1) {
        const before = this.committed[offset]
        if (before !== undefined && before !== content) {
          throw new Error(`node ${id}: ${content} at ${offset}, committed was ${before}`)
        }
        this.committed[offset] = content
      }
    }
    const last = known.at(-1)
    if (last === undefined || last.lastOffset + 1 < highWatermark) {
      throw new Error(`node ${id} commits ${highWatermark} and does not hold it`)
    }
  }
}
