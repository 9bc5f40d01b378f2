// Measures recovery after an unclean stop: writes logs that nobody flushed, opens them through the log layer and its
// worker threads, and prints bytes per second, beside what one thread takes to read the same bytes and check their sums,
// and how long the event loop was held up. Run by scripts/recovery.mjs. Ends with 1 where a bound is missed.
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { defaultLogManagerSettings, LogManager } from '../../broker/log/log-manager.ts'
import { offsetName } from '../../broker/log/names.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { setBatchBaseOffset, verifyBatchCrc } from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { testLogConfig } from '../support/log-fixtures.ts'

const [directory = '', worker = '', batchBytesText = '16384', factorText = ''] =
  process.argv.slice(2)
const BOUND_GIGABYTES_PER_SECOND = 1
const SEGMENTS = 2
const PARTITIONS = 2
const SEGMENT_BYTES = 400 * 1024 * 1024
const batchBytes = Number(batchBytesText)

const recordBytes = Math.min(1000, batchBytes - 100)
const batch = buildBatch({
  baseOffset: 0,
  records: Array.from({ length: Math.max(1, Math.round(batchBytes / recordBytes)) }, (_, i) => ({
    key: null,
    value: Buffer.alloc(recordBytes - 10, i),
    timestampMs: 1_700_000_000_000 + i,
  })),
})
const records = Math.max(1, Math.round(batchBytes / recordBytes))

async function writeSegment(target: string, baseOffset: number): Promise<number> {
  const file = await open(join(target, `${offsetName(baseOffset)}.log`), 'w')
  const perChunk = Math.ceil((4 * 1024 * 1024) / batch.length)
  const chunk = Buffer.concat(Array.from({ length: perChunk }, () => batch))
  let offset = baseOffset
  for (let written = 0; written < SEGMENT_BYTES; written += chunk.length) {
    for (let at = 0; at < chunk.length; at += batch.length) {
      setBatchBaseOffset(chunk, at, offset)
      offset += records
    }
    await file.write(chunk)
  }
  await file.close()
  return offset
}

/** Reads files one after the other and sums up each batch: no more is possible on one thread. Gives bytes. */
async function readAndSum(files: readonly string[]): Promise<number> {
  const chunk = Buffer.alloc(Math.ceil((4 * 1024 * 1024) / batch.length) * batch.length)
  let totalBytes = 0
  for (const name of files) {
    const file = await open(name, 'r')
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length)
      for (let at = 0; at + batch.length <= bytesRead; at += batch.length) {
        if (!verifyBatchCrc(chunk, at)) throw new Error(`${name} is not what was written`)
      }
      totalBytes += bytesRead
      if (bytesRead < chunk.length) break
    }
    await file.close()
  }
  return totalBytes
}

const runtime = createNodeRuntime({ workerScript: pathToFileURL(worker) })
let totalBytes = 0
for (let partition = 0; partition < PARTITIONS; partition++) {
  const target = join(directory, `t-${partition}`)
  await runtime.disk.mkdir(target)
  let offset = 0
  for (let segment = 0; segment < SEGMENTS; segment++) offset = await writeSegment(target, offset)
}
const names = await readdir(directory, { recursive: true })
const files = names.filter((name) => name.endsWith('.log')).map((name) => join(directory, name))
const peerStartedMs = performance.now()
const peerBytes = await readAndSum(files)
const peerRate = peerBytes / 1e6 / (performance.now() - peerStartedMs)
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const cpuBefore = process.cpuUsage()
const startedMs = performance.now()
const logs = await LogManager.open({
  runtime,
  settings: {
    ...defaultLogManagerSettings,
    directories: [directory],
    clusterId: 'measure',
    nodeId: 1,
    defaultConfig: testLogConfig,
  },
})
const tookMs = performance.now() - startedMs
const cpu = process.cpuUsage(cpuBefore)
delay.disable()
for (const log of logs.all()) totalBytes += log.sizeBytes
await runtime.workers.close()
await rm(directory, { recursive: true, force: true })
const gigabytes = totalBytes / 1e9
const cpuSeconds = (cpu.user + cpu.system) / 1e6
const rate = gigabytes / (tookMs / 1000)
console.log(
  `${gigabytes.toFixed(2)} GB in batches of ${batch.length} bytes recovered in ${Math.round(tookMs)} ms: ` +
    `${rate.toFixed(2)} GB/s, ` +
    `${(gigabytes / cpuSeconds).toFixed(2)} GB a second of CPU; ` +
    `event loop held up at most ${(delay.max / 1e6).toFixed(1)} ms`,
)
console.log(
  `one thread that only reads the same files and checks their sums: ${peerRate.toFixed(2)} GB/s ` +
    `(recovery has ${(rate / peerRate).toFixed(2)} times that)`,
)
// A machine that cannot read and sum up a gigabyte a second is not asked to recover one.
const needed = Math.min(BOUND_GIGABYTES_PER_SECOND, peerRate) / Number(factorText)
const isMissed = factorText !== '' && rate < needed
if (isMissed) console.error(`recovery: ${needed.toFixed(2)} GB/s are needed`)
process.exit(isMissed ? 1 : 0)
