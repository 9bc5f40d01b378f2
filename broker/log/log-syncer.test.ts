import { expect, test } from 'vitest'
import { batchNextOffset, batchPositions } from '../../protocol/records/batch.ts'
import { client, openTestLog, testBatch } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { everything } from '../../tests/support/transaction-model.ts'

test('what a flush promised is there after a loss of power, however flushes and rolls met', async () => {
  const config = { segmentBytes: 250 }
  for (let seed = 1; seed <= 40; seed++) {
    const { runtime, world } = createMemoryRuntime({ seed })
    const log = await openTestLog(runtime, { config })
    const flushes: Promise<void>[] = []
    for (let i = 0; i < 30; i++) {
      await log.append(testBatch(['a', 'b']), client)
      if (runtime.random.next() < 0.5) flushes.push(log.flush())
    }
    await Promise.all([...flushes, log.flush()])
    const { recoveryPoint, logEndOffset } = log
    expect(recoveryPoint).toBe(logEndOffset)
    world.crash('local', { powerLoss: true })
    const again = await openTestLog(world.host('local'), { config, recoveryPoint })
    again.setHighWatermark(again.logEndOffset)
    let next = 0
    while (next < logEndOffset) {
      const { records } = await again.read({ ...everything(again), offset: next })
      const [at] = [...batchPositions(records)]
      if (at === undefined) break
      expect(records.readBigInt64BE(at)).toBe(BigInt(next))
      for (const position of batchPositions(records)) next = batchNextOffset(records, position)
    }
    expect(next).toBe(logEndOffset)
  }
})
