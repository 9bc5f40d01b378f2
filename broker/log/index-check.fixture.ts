// The checks of kafka-dump-log --index-sanity-check and more, on a memory disk: for tests.
import { expect } from 'vitest'
import {
  batchLastOffset,
  batchMaxTimestamp,
  batchPositions,
  verifyBatchCrc,
} from '../../protocol/records/batch.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { OffsetIndex } from './offset-index.ts'
import type { PartitionLog } from './partition-log.ts'
import { TimeIndex } from './time-index.ts'

/** Every index entry of every segment points at the batch it tells of; segments follow each other. */
export async function checkIndexes(runtime: Runtime, log: PartitionLog): Promise<void> {
  await log.saveIndexes()
  const names = await runtime.disk.readdir(log.directory)
  const stems = names.filter((name) => name.endsWith('.log')).map((name) => name.slice(0, 20))
  let expectedBase: number | null = null
  for (const stem of stems.sort()) {
    const base = Number(stem)
    if (expectedBase !== null) expect(base).toBe(expectedBase)
    const read = (suffix: string) => runtime.disk.readFile(`${log.directory}/${stem}${suffix}`)
    const bytes = await read('.log')
    const byPosition = new Map<number, { lastOffset: number; maxTimestampMs: number }>()
    let end = 0
    expectedBase = base
    for (const at of batchPositions(bytes)) {
      expect(verifyBatchCrc(bytes, at)).toBe(true)
      const lastOffset = batchLastOffset(bytes, at)
      byPosition.set(at, { lastOffset, maxTimestampMs: batchMaxTimestamp(bytes, at) })
      expectedBase = lastOffset + 1
      end = at + bytes.readInt32BE(at + 8) + 12
    }
    expect(end).toBe(bytes.length)
    const offsets = new OffsetIndex(base, await read('.index'))
    for (let i = 0; i < offsets.count; i++) {
      const entry = offsets.entry(i)
      expect(byPosition.get(entry.position)?.lastOffset).toBe(entry.offset)
    }
    const byLastOffset = new Map([...byPosition.values()].map((b) => [b.lastOffset, b]))
    const times = new TimeIndex(base, await read('.timeindex'))
    for (let i = 0; i < times.count; i++) {
      const entry = times.entry(i)
      expect(byLastOffset.get(entry.offset)?.maxTimestampMs).toBe(entry.timestampMs)
      if (i > 0) expect(entry.timestampMs).toBeGreaterThan(times.entry(i - 1).timestampMs)
    }
  }
  expect(expectedBase).toBe(log.logEndOffset)
}
