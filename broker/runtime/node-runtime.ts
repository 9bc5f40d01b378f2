// The real Runtime of a broker process: clock, timers, random numbers, disk, network and log lines of
// this machine. Called by broker/main.ts once; tests and the simulation use tests/support instead.
import { readFile } from 'node:fs/promises'
import { createInlineWorkers } from './inline-workers.ts'
import { nodeClock, nodeRandom, nodeTimers } from './node-clock.ts'
import { createNodeDisk } from './node-disk.ts'
import { createLogger } from './node-logger.ts'
import { createNodeNetwork } from './node-network.ts'
import { NodeWorkers } from './node-workers.ts'
import type { LogLevel, Runtime } from './runtime.ts'

export interface NodeRuntimeOptions {
  logLevel?: LogLevel
  /** Takes whole lines with their line end; stdout when left out. */
  writeLine?: (line: string) => void
  /** What worker threads run; without one, their tasks run on the event loop. */
  workerScript?: URL
  workerThreadsMax?: number
}

const WORKER_THREADS_MAX = 4

export function createNodeRuntime(options: NodeRuntimeOptions = {}): Runtime {
  const logger = createLogger({
    minLevel: options.logLevel ?? 'info',
    nowMs: nodeClock.nowMs,
    write: options.writeLine ?? ((line) => void process.stdout.write(line)),
  })
  const disk = createNodeDisk()
  const { workerScript: script, workerThreadsMax: threadsMax = WORKER_THREADS_MAX } = options
  return {
    clock: nodeClock,
    timers: nodeTimers,
    random: nodeRandom,
    disk,
    network: createNodeNetwork(logger),
    logger,
    workers: script
      ? new NodeWorkers({ script, threadsMax, logger })
      : createInlineWorkers({ disk, clock: nodeClock, timers: nodeTimers, logger }),
    bootId,
  }
}

/** Linux tells it; elsewhere every start may follow a loss of power. */
async function bootId(): Promise<string | null> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return text.trim() || null
}
