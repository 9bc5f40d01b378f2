// Measures recovery after an unclean stop: writes logs that nobody flushed, opens them through the log layer and its
// worker threads, and prints bytes per second and how long the event loop was held up. Run by scripts/recovery.mjs.
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { defaultLogManagerSettings, LogManager } from '../../broker/log/log-manager.ts'
import { offsetName } from '../../broker/log/names.ts'
import { createNodeRuntime } from '../../broker/runtime/node-runtime.ts'
import { setBatchBaseOffset } from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { testLogConfig } from '../support/log-fixtures.ts'

const [directory = '', worker = '', batchBytesText = '16384'] = process.argv.slice(2)
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

const runtime = createNodeRuntime({ workerScript: pathToFileURL(worker) })
let totalBytes = 0
for (let partition = 0; partition < PARTITIONS; partition++) {
  const target = join(directory, `t-${partition}`)
  await runtime.disk.mkdir(target)
  let offset = 0
  for (let segment = 0; segment < SEGMENTS; segment++) offset = await writeSegment(target, offset)
}
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
console.log(
  `${gigabytes.toFixed(2)} GB in batches of ${batch.length} bytes recovered in ${Math.round(tookMs)} ms: ` +
    `${(gigabytes / (tookMs / 1000)).toFixed(2)} GB/s, ` +
    `${(gigabytes / cpuSeconds).toFixed(2)} GB a second of CPU; ` +
    `event loop held up at most ${(delay.max / 1e6).toFixed(1)} ms`,
)
process.exit(0)
