// Numbers of a batch that no honest client sends: beyond what a double holds, yet within the format's 64 bits.
import { expect, test } from 'vitest'
import { writeBatchCrc } from '../../protocol/records/batch.ts'
import { client, openTestLog, testBatch } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { everything } from '../../tests/support/transaction-model.ts'

const LONGS = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -(2n ** 53n)]
const BASE_TIMESTAMP = 27
const MAX_TIMESTAMP = 35
const PRODUCER_ID = 43

/** Two records; `long` at each of the places. */
function batch(long: bigint, ...places: number[]): Buffer {
  const bytes = testBatch(['a', 'b'], { producerId: 1, producerEpoch: 0, baseSequence: 0 })
  for (const at of places) bytes.writeBigInt64BE(long, at)
  writeBatchCrc(bytes, 0)
  return bytes
}

test.each([2n ** 63n - 1n, 2n ** 53n])(
  'timestamps of %d neither stop the log nor its segments',
  async (long) => {
    const { runtime } = createMemoryRuntime({ seed: 1 })
    const log = await openTestLog(runtime, { config: { segmentBytes: 250, indexIntervalBytes: 1 } })
    for (let i = 0; i < 4; i++) {
      const sent = batch(long, BASE_TIMESTAMP, MAX_TIMESTAMP)
      sent.writeInt32BE(i * 2, 53)
      writeBatchCrc(sent, 0)
      await log.append(sent, client)
    }
    await log.close()
    const again = await openTestLog(runtime, { hadCleanShutdown: true })
    expect(again.logEndOffset).toBe(8)
    again.setHighWatermark(8)
    const { records } = await again.read(everything(again))
    expect(records.readBigInt64BE(MAX_TIMESTAMP)).toBe(long)
    await again.append(testBatch(['c']), client)
  },
)

test.each([-(2n ** 63n), -(2n ** 53n)])('timestamps of %d are refused', async (long) => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime)
  const sent = batch(long, BASE_TIMESTAMP, MAX_TIMESTAMP)
  await expect(log.append(sent, client)).rejects.toThrow('Timestamps are out of range')
})

test('a producer ID that no controller gives is refused, and one that came from a leader is stored', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime)
  await expect(log.append(batch(2n ** 63n - 1n, PRODUCER_ID), client)).rejects.toThrow(
    /below 2\^53/,
  )
  for (const long of LONGS) {
    const sent = batch(long, PRODUCER_ID)
    sent.writeBigInt64BE(BigInt(log.logEndOffset), 0)
    await log.append(sent, { origin: 'replica', leaderEpoch: 0 })
  }
  await log.close()
  const again = await openTestLog(runtime, { hadCleanShutdown: true })
  expect(again.logEndOffset).toBe(8)
})
