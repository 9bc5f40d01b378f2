import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { batchBaseOffset, batchLeaderEpoch, batchPositions } from '../../protocol/records/batch.ts'
import { buildBatch, compressBatch } from '../../protocol/records/build.ts'
import { readRecordsSync } from '../../protocol/records/read.ts'
import { client, openTestLog, testBatch } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import { createLogShared } from './log-shared.ts'
import type { PartitionLog } from './partition-log.ts'

/** Everything from `offset` on, as `offset=value`. */
async function contents(log: PartitionLog, offset = log.logStartOffset): Promise<string[]> {
  const values: string[] = []
  let next = offset
  while (next < log.logEndOffset) {
    const result = await log.read({
      offset: next,
      maxBytes: 300,
      minOneBatch: true,
      endOffsetExclusive: log.logEndOffset,
    })
    for (const at of batchPositions(result.records)) {
      for (const record of readRecordsSync(result.records, at)) {
        values.push(`${record.offset}=${record.value}`)
      }
    }
    expect(result.nextOffset).toBeGreaterThan(next)
    next = result.nextOffset
  }
  return values
}

const noRing = (runtime: Parameters<typeof createLogShared>[0]) =>
  createLogShared(runtime, { tailRingBytes: 0 })

test('offsets and epochs are assigned in call order, also to appends made at once', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime)
  const infos = await Promise.all(
    [['a', 'b'], ['c'], ['d', 'e', 'f']].map((values) =>
      log.append(testBatch(values), { origin: 'client', leaderEpoch: 3 }),
    ),
  )
  expect(infos.map((info) => [info.firstOffset, info.lastOffset])).toEqual([
    [0, 1],
    [2, 2],
    [3, 5],
  ])
  expect(log.logEndOffset).toBe(6)
  expect(log.epochs()).toEqual([{ epoch: 3, startOffset: 0 }])
  expect(await contents(log)).toEqual(['0=a', '1=b', '2=c', '3=d', '4=e', '5=f'])
})

test('reads from files give what reads from memory give', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const shared = noRing(runtime)
  const log = await openTestLog(runtime, {
    shared,
    config: { indexIntervalBytes: 200, segmentBytes: 900 },
  })
  const expected: string[] = []
  for (let i = 0; i < 60; i++) {
    await log.append(testBatch([`v${i}`, `w${i}`]), client)
    expected.push(`${2 * i}=v${i}`, `${2 * i + 1}=w${i}`)
  }
  expect(log.segmentCount).toBeGreaterThan(3)
  expect(await contents(log)).toEqual(expected)
  for (const offset of [1, 17, 60, 101]) {
    // The batch that contains the offset comes whole.
    expect(await contents(log, offset)).toEqual(expected.slice(offset - (offset % 2)))
  }
})

test('a read stops before endOffsetExclusive and respects maxBytes unless one batch is a must', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  for (const shared of [createLogShared(runtime), noRing(runtime)]) {
    const directory = `/data/t-${shared.ring === null ? 1 : 0}`
    const log = await openTestLog(runtime, { shared, directory })
    for (const value of ['a', 'b', 'c']) await log.append(testBatch([value]), client)
    const size = testBatch(['a']).length
    const read = async (maxBytes: number, minOneBatch: boolean, endOffsetExclusive = 3) =>
      (await log.read({ offset: 0, maxBytes, minOneBatch, endOffsetExclusive })).nextOffset
    expect(await read(1000, true)).toBe(3)
    expect(await read(1000, true, 2)).toBe(2)
    expect(await read(2 * size, true)).toBe(2)
    expect(await read(2 * size - 1, true)).toBe(1)
    expect(await read(size - 1, true)).toBe(1)
    expect(await read(size - 1, false)).toBe(0)
    expect(await read(0, true, 0)).toBe(0)
  }
})

test('offsets outside the log are refused, the end itself is empty', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime)
  await log.append(testBatch(['a', 'b']), client)
  const at = (offset: number) => () =>
    log.read({ offset, maxBytes: 100, minOneBatch: true, endOffsetExclusive: 2 })
  expect(at(3)).toThrow(expect.objectContaining({ code: ErrorCode.OFFSET_OUT_OF_RANGE }))
  expect(at(-1)).toThrow(expect.objectContaining({ code: ErrorCode.OFFSET_OUT_OF_RANGE }))
  expect(await at(2)()).toMatchObject({ nextOffset: 2 })
  await log.advanceLogStartOffset(1)
  expect(at(0)).toThrow(expect.objectContaining({ code: ErrorCode.OFFSET_OUT_OF_RANGE }))
})

test('a closed log opens again with the same end, epochs and producers', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  let log = await openTestLog(runtime)
  const producer = { producerId: 7, producerEpoch: 1, baseSequence: 0 }
  await log.append(testBatch(['a', 'b'], producer), { origin: 'client', leaderEpoch: 2 })
  await log.append(testBatch(['c']), { origin: 'client', leaderEpoch: 5 })
  await log.close()
  log = await openTestLog(runtime, { hadCleanShutdown: true, recoveryPoint: 3, highWatermark: 2 })
  expect(log).toMatchObject({ logEndOffset: 3, recoveryPoint: 3, highWatermark: 2 })
  expect(log.epochs()).toEqual([
    { epoch: 2, startOffset: 0 },
    { epoch: 5, startOffset: 2 },
  ])
  expect(await contents(log)).toEqual(['0=a', '1=b', '2=c'])
  const again = await log.append(testBatch(['a', 'b'], producer), client)
  expect(again).toMatchObject({ isDuplicate: true, firstOffset: 0, lastOffset: 1 })
})

test('a duplicate answers with the first offsets, also while the first is being written', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime)
  const send = (values: string[], baseSequence: number, producerEpoch = 0) =>
    log.append(testBatch(values, { producerId: 9, producerEpoch, baseSequence }), client)
  const [first, second] = await Promise.all([send(['a', 'b'], 0), send(['a', 'b'], 0)])
  expect(first).toMatchObject({ firstOffset: 0, isDuplicate: false })
  expect(second).toMatchObject({ firstOffset: 0, lastOffset: 1, isDuplicate: true })
  expect(log.logEndOffset).toBe(2)
  for (let sequence = 2; sequence < 7; sequence++) await send(['x'], sequence)
  expect(await send(['x'], 2)).toMatchObject({ isDuplicate: true, firstOffset: 2 })
  await expect(send(['a', 'b'], 0)).rejects.toMatchObject({ code: 45 })
  await expect(send(['x'], 9)).rejects.toMatchObject({ code: 45 })
  await expect(send(['x'], 3, 1)).rejects.toMatchObject({ code: 45 })
  expect(await send(['x'], 0, 1)).toMatchObject({ firstOffset: 7 })
  await expect(send(['x'], 7, 0)).rejects.toMatchObject({ code: 47 })
})

test('what a producer may not send is refused with its code and leaves no trace', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { config: { maxMessageBytes: 200 } })
  const code = (records: Buffer) =>
    log.append(records, client).then(
      () => null,
      (error: { code: number }) => error.code,
    )
  const torn = testBatch(['a']).subarray(0, -1)
  const flipped = testBatch(['a'])
  flipped[70] = (flipped[70] as number) ^ 1
  expect(await code(torn)).toBe(ErrorCode.CORRUPT_MESSAGE)
  expect(await code(flipped)).toBe(ErrorCode.CORRUPT_MESSAGE)
  expect(await code(Buffer.concat([testBatch(['a']), testBatch(['b'])]))).toBe(
    ErrorCode.INVALID_RECORD,
  )
  expect(await code(testBatch(['a'], { baseOffset: 5 }))).toBe(ErrorCode.INVALID_RECORD)
  expect(await code(testBatch(['a'], { isControl: true }))).toBe(ErrorCode.INVALID_RECORD)
  expect(await code(testBatch(['x'.repeat(200)]))).toBe(ErrorCode.MESSAGE_TOO_LARGE)
  expect(log).toMatchObject({ logEndOffset: 0, sizeBytes: 0 })
})

test('a compacted topic refuses records without a key, one by one, compressed or not', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { config: { cleanupCompact: true } })
  const value = Buffer.from('v'.repeat(100))
  const keyless = buildBatch({
    records: [
      { key: value, value },
      { key: null, value },
    ],
  })
  for (const records of [keyless, await compressBatch(keyless, 'gzip')]) {
    await expect(log.append(records, client)).rejects.toMatchObject({
      code: ErrorCode.INVALID_RECORD,
      recordErrors: [{ batchIndex: 1 }],
    })
  }
  // Order holds although the first has to be decompressed.
  const first = await compressBatch(testBatch(['a', 'b']), 'gzip')
  const infos = await Promise.all([log.append(first, client), log.append(testBatch(['c']), client)])
  expect(infos.map((info) => info.firstOffset)).toEqual([0, 2])
})

test('LogAppendTime stamps the batch, CreateTime is held to its bounds', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { config: { messageTimestampType: 'LogAppendTime' } })
  const info = await log.append(testBatch(['a']), client)
  expect(info.logAppendTimeMs).toBe(world.nowMs())
  const { records } = await log.read({
    offset: 0,
    maxBytes: 99,
    minOneBatch: true,
    endOffsetExclusive: 1,
  })
  expect(readRecordsSync(records)[0]?.timestampMs).toBe(world.nowMs())
  log.updateConfig({
    ...log.config,
    messageTimestampType: 'CreateTime',
    messageTimestampAfterMaxMs: 1000,
  })
  const late = testBatch(['a', 'b'], { timestampMs: world.nowMs() + 1000 })
  await expect(log.append(late, client)).rejects.toMatchObject({
    code: ErrorCode.INVALID_TIMESTAMP,
    recordErrors: [{ batchIndex: 1 }],
  })
})

test('a follower keeps what the leader sent, drops a partial batch and refuses damage and overlap', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime)
  const replica = { origin: 'replica', leaderEpoch: 0 } as const
  const sent = Buffer.concat([
    testBatch(['a', 'b'], { baseOffset: 0, leaderEpoch: 1 }),
    testBatch(['c'], { baseOffset: 2, leaderEpoch: 4 }),
    testBatch(['d'], { baseOffset: 7, leaderEpoch: 4 }),
  ])
  const partial = testBatch(['e'], { baseOffset: 8 }).subarray(0, 65)
  const info = await log.append(Buffer.concat([sent, partial]), replica)
  expect(info).toMatchObject({ firstOffset: 0, lastOffset: 7, sizeBytes: sent.length })
  expect(log.epochs()).toEqual([
    { epoch: 1, startOffset: 0 },
    { epoch: 4, startOffset: 2 },
  ])
  expect(await contents(log)).toEqual(['0=a', '1=b', '2=c', '7=d'])
  await expect(log.append(Buffer.from(sent), replica)).rejects.toMatchObject({ code: 1 })
  const damaged = testBatch(['e'], { baseOffset: 8 })
  damaged[70] = (damaged[70] as number) ^ 1
  await expect(log.append(damaged, replica)).rejects.toMatchObject({
    code: ErrorCode.CORRUPT_MESSAGE,
  })
  expect(await log.append(partial, replica)).toMatchObject({ sizeBytes: 0 })
})

test('the leader patches base offset and epoch in the given bytes only', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime)
  await log.append(testBatch(['a']), client)
  const records = testBatch(['b'])
  const before = Buffer.from(records)
  await log.append(records, { origin: 'client', leaderEpoch: 6 })
  expect([batchBaseOffset(records, 0), batchLeaderEpoch(records, 0)]).toEqual([1, 6])
  expect(records.subarray(16)).toEqual(before.subarray(16))
})

test('searches by time find the first record at or after it', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { config: { segmentBytes: 600, indexIntervalBytes: 150 } })
  for (let i = 0; i < 30; i++) {
    await log.append(testBatch(['a', 'b'], { timestampMs: 1000 + i * 10 }), {
      origin: 'client',
      leaderEpoch: i,
    })
  }
  const find = (timestampMs: number, end = 60) => log.findOffsetByTimestamp(timestampMs, end)
  expect(await find(0)).toEqual({ offset: 0, timestampMs: 1000, leaderEpoch: 0 })
  for (let i = 0; i < 30; i++) {
    expect(await find(1000 + i * 10)).toMatchObject({ offset: 2 * i, leaderEpoch: i })
    expect(await find(1001 + i * 10)).toMatchObject({ offset: 2 * i + 1 })
  }
  expect(await find(1292)).toBeNull()
  expect(await find(1290, 58)).toBeNull()
  expect(await log.findMaxTimestamp()).toEqual({ offset: 59, timestampMs: 1291, leaderEpoch: 29 })
  await log.advanceLogStartOffset(11)
  expect(await find(0)).toMatchObject({ offset: 11 })
})

test('truncation drops whole batches, producers and epochs from the offset on', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const shared = noRing(runtime)
  const log = await openTestLog(runtime, {
    shared,
    config: { segmentBytes: 400, indexIntervalBytes: 100 },
  })
  for (let i = 0; i < 20; i++) {
    const batch = testBatch(['a', 'b'], { producerId: 3, producerEpoch: 0, baseSequence: 2 * i })
    await log.append(batch, { origin: 'client', leaderEpoch: Math.floor(i / 5) })
  }
  await log.flush()
  log.setHighWatermark(40)
  await log.truncateTo(15)
  expect(log).toMatchObject({
    logEndOffset: 14,
    highWatermark: 14,
    recoveryPoint: 14,
    latestEpoch: 1,
  })
  expect((await contents(log)).at(-1)).toBe('13=b')
  const next = testBatch(['n'], { producerId: 3, producerEpoch: 0, baseSequence: 14 })
  expect(await log.append(next, client)).toMatchObject({ firstOffset: 14 })
  await log.close()
  const again = await openTestLog(runtime, { hadCleanShutdown: true })
  expect((await contents(again)).at(-1)).toBe('14=n')
  await again.truncateFullyAndStartAt(100)
  expect(again).toMatchObject({ logStartOffset: 100, logEndOffset: 100, segmentCount: 1 })
  expect(await again.append(testBatch(['z']), client)).toMatchObject({ firstOffset: 100 })
})

test('appends asked for during a truncation come after it', async () => {
  const { runtime } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime)
  await log.append(testBatch(['a', 'b', 'c']), client)
  const [, info] = await Promise.all([log.truncateTo(0), log.append(testBatch(['d']), client)])
  expect(info.firstOffset).toBe(0)
  expect(await contents(log)).toEqual(['0=d'])
})

test('a failing disk takes the log offline and tells why', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const failures: unknown[] = []
  const log = await openTestLog(runtime, { onFailure: (error) => failures.push(error) })
  await log.append(testBatch(['a']), client)
  world.disk('local').fault = (operation) => (operation.kind === 'write' ? 'ENOSPC' : null)
  const both = await Promise.allSettled([
    log.append(testBatch(['b']), client),
    log.append(testBatch(['c']), client),
  ])
  expect(both.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
  await expect(log.append(testBatch(['d']), client)).rejects.toMatchObject({ code: 56 })
  expect(failures).toHaveLength(1)
  expect(await contents(log)).toEqual(['0=a'])
})

test('an epoch led without a record gives way to what the leader of now has of an earlier one', async () => {
  for (const end of ['closed', 'killed'] as const) {
    const { runtime, world } = createMemoryRuntime({ seed: 1 })
    const log = await openTestLog(runtime)
    await log.append(testBatch(['a', 'b']), client)
    log.assignEpochStart(1, 2)
    await log.flush()
    const theirs = testBatch(['c'], { baseOffset: 2, leaderEpoch: 0 })
    await log.append(theirs, { origin: 'replica', leaderEpoch: 2 })
    expect([log.epochOf(2), log.endOffsetForEpoch(0)]).toEqual([0, { epoch: 0, endOffset: 3 }])
    const { recoveryPoint } = log
    if (end === 'closed') await log.close()
    else world.crash('local', { powerLoss: false })
    const reopened = { hadCleanShutdown: end === 'closed', recoveryPoint }
    const again = await openTestLog(world.host('local'), reopened)
    again.assignEpochStart(3, again.logEndOffset)
    expect([again.epochOf(2), again.endOffsetForEpoch(0)]).toEqual([0, { epoch: 0, endOffset: 3 }])
  }
})
