// Apache Kafka's own kafka-dump-log must read what our log writes, and find nothing wrong.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogShared } from '../../broker/log/log-shared.ts'
import { PartitionLog } from '../../broker/log/partition-log.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { compressBatch } from '../../protocol/records/build.ts'
import { testBatch, testLogConfig } from '../support/log-fixtures.ts'

const peer = fileURLToPath(new URL('../peers/apache-kafka', import.meta.url))
const run = promisify(execFile)
let directory = ''

async function dumpLog(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(peer, ['cli', 'dump-log', ...args], { maxBuffer: 64 * 1024 * 1024 })
}

async function open(): Promise<PartitionLog> {
  return PartitionLog.open({
    shared: createLogShared(createNodeRuntime({ logLevel: 'warn' })),
    directory,
    topic: 't',
    partition: 0,
    topicId: 'abcdefghijklmnopqrstuw',
    config: { ...testLogConfig, segmentBytes: 40_000, indexIntervalBytes: 1000 },
    recoveryPoint: 0,
    logStartOffset: 0,
    highWatermark: 0,
    hadCleanShutdown: false,
  })
}

beforeAll(async () => {
  directory = path.join(await mkdtemp(path.join(os.tmpdir(), 'eyrie-dump-')), 't-0')
  await createNodeRuntime().disk.mkdir(directory)
  let log = await open()
  const appends: Promise<unknown>[] = []
  const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
  for (let i = 0; i < 300; i++) {
    const producer = {
      producerId: 1000 + (i % 3),
      producerEpoch: 1,
      baseSequence: Math.floor(i / 3) * 4,
    }
    const values = ['a', 'b', 'c', 'd'].map((value) => `${value}${i}`.repeat(20))
    // Timestamps go up and down, as they do where several producers write.
    const timestampMs = 1_700_000_000_000 + i * 100 - (i % 7) * 350
    const batch = testBatch(values, { ...producer, timestampMs })
    const records = await compressBatch(batch, codecs[i % codecs.length] ?? 'none')
    appends.push(log.append(records, { origin: 'client', leaderEpoch: Math.floor(i / 50) }))
  }
  await Promise.all(appends)
  await log.truncateTo(1000)
  await log.append(testBatch(['end'], { timestampMs: 1_700_000_100_000 }), {
    origin: 'client',
    leaderEpoch: 9,
  })
  await log.close()
  // Once more through recovery, which makes the indexes anew.
  log = await open()
  expect(log.logEndOffset).toBe(1001)
  await log.append(testBatch(['again'], { timestampMs: 1_700_000_100_001 }), {
    origin: 'client',
    leaderEpoch: 9,
  })
  await log.close()
})

afterAll(() => rm(path.dirname(directory), { recursive: true, force: true }))

async function files(suffix: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(suffix))
  expect(names.length).toBeGreaterThan(1)
  return names
    .sort()
    .map((name) => path.join(directory, name))
    .join(',')
}

test('the logs are read to the last record, keys and values included', async () => {
  const { stdout, stderr } = await dumpLog('--files', await files('.log'), '--print-data-log')
  const offsets = [...stdout.matchAll(/^\| offset: (\d+) .*isValid|^\| offset: (\d+)/gm)].map((m) =>
    Number(m[1] ?? m[2]),
  )
  expect(offsets).toEqual(Array.from({ length: 1002 }, (_, offset) => offset))
  expect(stdout).toContain('payload: again')
  expect(stdout).not.toContain('isvalid: false')
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    expect(stdout).toContain(`compresscodec: ${codec}`)
  }
  // 4.3.1 says so of every segment that does not begin at offset 0, its own too.
  const complaints = stderr.replaceAll(
    /Non-consecutive offsets in .*\n {2}-1 is followed by \d+\n/g,
    '',
  )
  expect(complaints).not.toMatch(/consecutive|is followed by|Mismatch|Exception/)
})

test('both indexes are sane and agree with the logs', async () => {
  for (const suffix of ['.index', '.timeindex']) {
    const list = await files(suffix)
    const sane = await dumpLog('--index-sanity-check', '--files', list)
    expect(sane.stdout.match(/passed sanity check/g)?.length).toBe(list.split(',').length)
    const { stdout, stderr } = await dumpLog('--files', list)
    expect(stdout).toMatch(/offset: \d+/)
    expect(stderr).not.toMatch(/Mismatch|Exception|not found|out of order|could not/i)
    expect(stdout).not.toMatch(/Mismatch|Exception|not found|out of order|could not/i)
  }
})

test('the producer snapshots are read', async () => {
  const { stdout, stderr } = await dumpLog('--files', await files('.snapshot'))
  expect(stdout).toMatch(
    /producerId: 1000 producerEpoch: 1 coordinatorEpoch: -1 .*lastSequence: 3\d\d/,
  )
  expect(stdout).toMatch(/producerId: 1002 /)
  expect(stderr).not.toMatch(/Exception|corrupt/i)
})
