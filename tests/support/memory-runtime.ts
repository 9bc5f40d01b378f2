// A deterministic world for tests and the cluster simulation: virtual clock and timers, seeded random
// numbers, disks that know what was synced, a network that can be cut. The same seed replays exactly.
//
//   const world = createWorld({ seed: 7 })
//   const broker = await start(world.host('broker1'))      // any code that takes a Runtime
//   await world.runUntil(() => broker.isReady)             // or runFor(ms), or run(promise)
//   world.crash('broker1', { powerLoss: true, tornWrites: true })
//   await start(world.host('broker1'))                     // what survived, in a new process
//
//   const { runtime, world } = createMemoryRuntime({ seed: 1 })   // one host; disk and network run by
//                                                                  // themselves, timers by world.runFor
import { createInlineWorkers } from '../../broker/runtime/inline-workers.ts'
import type { Logger, LogLevel, Runtime } from '../../broker/runtime/runtime.ts'
import { type CrashOptions, MemoryDisk, MemoryDiskState } from './memory-disk.ts'
import { type Incarnation, MemoryFabric } from './memory-network.ts'
import { type ScheduledEvent, Scheduler, SeededRandom, settle } from './memory-scheduler.ts'

export type { CrashOptions, DiskOperation } from './memory-disk.ts'
export { SeededRandom } from './memory-scheduler.ts'

export type LatencyRange = readonly [minMs: number, maxMs: number]

export interface WorldOptions {
  seed: number | string
  /** Wall clock at the start. */
  startMs?: number
  diskLatencyMs?: LatencyRange
  networkLatencyMs?: LatencyRange
  /** Told of every log line. */
  onLog?: (line: LogLine) => void
  /** I/O runs by itself on the real event loop without moving the clock; timers wait for runFor. */
  isSelfRunning?: boolean
  /** Work under way outside of the world, of native code: no time passes until it is done. */
  outside?: ReadonlySet<Promise<unknown>>
}

export interface LogLine {
  atMs: number
  host: string
  level: LogLevel
  message: string
  fields: Readonly<Record<string, unknown>>
}

interface Host {
  name: string
  disk: MemoryDiskState
  random: SeededRandom
  isPoweredOn: boolean
  isPaused: boolean
  /** Starts of its operating system. */
  boots: number
  waiting: (() => void)[]
  /** Its wall clock minus the world's. */
  skewMs: number
  /** What an operation of its disk takes. */
  diskLatencyMs: LatencyRange
  current: Process | null
  /** Mutating disk operations begun so far, over all incarnations. */
  operations: number
  crashAt: { operation: number; options: CrashOptions } | null
}

interface Process extends Incarnation {
  runtime: Runtime
}

const DEFAULT_START_MS = 1_700_000_000_000
const NETWORK_LATENCY_MS: LatencyRange = [0.05, 1]
const DISK_LATENCY_MS: LatencyRange = [0.02, 0.4]
const LOG_LINES_KEPT = 10_000

export class World {
  readonly #scheduler = new Scheduler()
  readonly #options: WorldOptions
  readonly #startMs: number
  readonly #random: SeededRandom
  readonly #hosts = new Map<string, Host>()
  readonly #fabric: MemoryFabric
  #latencyMs: LatencyRange
  readonly logLines: LogLine[] = []
  #isPumping = false
  #failure: unknown = null

  constructor(options: WorldOptions) {
    this.#options = options
    this.#startMs = options.startMs ?? DEFAULT_START_MS
    this.#random = new SeededRandom(`${options.seed}/world`)
    this.#latencyMs = options.networkLatencyMs ?? NETWORK_LATENCY_MS
    this.#fabric = new MemoryFabric(
      {
        nowMs: () => this.#scheduler.nowMs,
        after: (delayMs, run) => void this.#scheduler.schedule(delayMs, run),
        isPoweredOn: (name) => this.#hosts.get(name)?.isPoweredOn ?? false,
        hostExists: (name) => this.#hosts.has(name),
        isPaused: (name) => this.#hosts.get(name)?.isPaused ?? false,
        latencyMs: () => {
          const [minMs, maxMs] = this.#latencyMs
          return options.isSelfRunning ? 0 : minMs + this.#random.next() * (maxMs - minMs)
        },
      },
      new SeededRandom(`${options.seed}/network`),
    )
    if (options.isSelfRunning) this.#scheduler.onSchedule = () => this.#startPump()
  }

  /** Wall clock of all hosts. */
  nowMs(): number {
    return Math.floor(this.#startMs + this.#scheduler.nowMs)
  }

  /** Milliseconds since the world began. */
  elapsedMs(): number {
    return this.#scheduler.nowMs
  }

  /** The running process on a host; a new one (on its surviving disk) when there is none. */
  host(name: string): Runtime {
    const host = this.#hostState(name)
    if (host.current === null || !host.current.isAlive) {
      host.isPoweredOn = true
      host.current = this.#startProcess(host)
    }
    return host.current.runtime
  }

  /** Ends the process on a host at once: its timers and disk calls never come back. */
  crash(name: string, options: CrashOptions): void {
    const host = this.#hostState(name)
    const process = host.current
    host.crashAt = null
    host.isPaused = false
    host.waiting = []
    if (process !== null) {
      process.isAlive = false
      this.#fabric.dropIncarnation(process, options.powerLoss)
    }
    host.current = null
    host.isPoweredOn = !options.powerLoss
    if (options.powerLoss) host.boots++
    host.disk.crash(options)
  }

  /** Crashes the host instead of its `operation`-th mutating disk operation from now (1 is the next). */
  crashAtDiskOperation(name: string, operation: number, options: CrashOptions): void {
    const host = this.#hostState(name)
    host.crashAt = { operation: host.operations + operation, options }
  }

  /** Mutating disk operations a host has begun. */
  diskOperations(name: string): number {
    return this.#hostState(name).operations
  }

  isRunning(name: string): boolean {
    return this.#hostState(name).current?.isAlive ?? false
  }

  /** SIGSTOP: nothing of the process runs; what comes meanwhile waits. */
  pause(name: string): void {
    this.#hostState(name).isPaused = true
  }

  resume(name: string): void {
    const host = this.#hostState(name)
    host.isPaused = false
    const process = host.current
    for (const run of host.waiting.splice(0)) {
      this.#scheduler.schedule(0, () => this.#runFor(host, process, run))
    }
  }

  /** What a message takes from now on, null: as in the beginning. */
  setLatency(range: LatencyRange | null): void {
    this.#latencyMs = range ?? this.#options.networkLatencyMs ?? NETWORK_LATENCY_MS
  }

  /** Sets a host's wall clock off against the others'; its monotonic clock goes on as it did. */
  skewClock(name: string, skewMs: number): void {
    this.#hostState(name).skewMs = skewMs
  }

  /** What an operation of this host's disk takes from now on; null: as in the beginning. */
  setDiskLatency(name: string, range: LatencyRange | null): void {
    const usual = this.#options.diskLatencyMs ?? DISK_LATENCY_MS
    this.#hostState(name).diskLatencyMs = range ?? usual
  }

  /** The disk under a host, to look at, fill up or make fail. */
  disk(name: string): MemoryDiskState {
    return this.#hostState(name).disk
  }

  /** Nothing gets from `a` to `b`, nor back unless `oneWay`. */
  partition(a: string, b: string, options: { oneWay?: boolean } = {}): void {
    this.#fabric.block(a, b)
    if (options.oneWay !== true) this.#fabric.block(b, a)
  }

  heal(a: string, b: string): void {
    this.#fabric.unblock(a, b)
    this.#fabric.unblock(b, a)
  }

  healAll(): void {
    this.#fabric.unblockAll()
  }

  /** Runs a test's own step at a virtual time (fault schedules). */
  at(delayMs: number, run: () => void): void {
    this.#scheduler.schedule(delayMs, run)
  }

  /**
   * Runs events until `condition` holds; a number is a world time in elapsed milliseconds.
   * Throws when `limitMs` of virtual time pass first, or nothing is left to happen.
   */
  async runUntil(condition: (() => boolean) | number, limitMs = 600_000): Promise<void> {
    if (typeof condition === 'number') {
      await this.#runTo(condition)
      return
    }
    const endMs = this.#scheduler.nowMs + limitMs
    await this.#settled()
    while (!condition()) {
      const nextMs = this.#scheduler.nextAtMs()
      if (nextMs === null)
        throw new Error('nothing is left to happen and the condition does not hold')
      if (nextMs > endMs) throw new Error(`the condition does not hold after ${limitMs} virtual ms`)
      this.#scheduler.runNext()
      await this.#settled()
    }
  }

  async runFor(ms: number): Promise<void> {
    await this.#runTo(this.#scheduler.nowMs + ms)
  }

  /** Runs events until `promise` settles, and gives its outcome. */
  async run<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
    let isDone = false
    const mark = () => {
      isDone = true
    }
    promise.then(mark, mark)
    await this.runUntil(() => isDone, limitMs)
    return promise
  }

  async #runTo(endMs: number): Promise<void> {
    await this.#settled()
    for (;;) {
      const nextMs = this.#scheduler.nextAtMs()
      if (nextMs === null || nextMs > endMs) break
      this.#scheduler.runNext()
      await this.#settled()
    }
    this.#scheduler.nowMs = Math.max(this.#scheduler.nowMs, endMs)
  }

  async #settled(): Promise<void> {
    await settle()
    const { outside } = this.#options
    while (outside !== undefined && outside.size > 0) {
      await Promise.allSettled(outside)
      await settle()
    }
    if (this.#failure === null) return
    const failure = this.#failure
    this.#failure = null
    throw failure
  }

  #startPump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    setImmediate(() => void this.#pump())
  }

  async #pump(): Promise<void> {
    for (;;) {
      const nextMs = this.#scheduler.nextAtMs()
      if (nextMs === null || nextMs > this.#scheduler.nowMs) break
      this.#scheduler.runNext()
      await settle()
    }
    this.#isPumping = false
    const nextMs = this.#scheduler.nextAtMs()
    if (nextMs !== null && nextMs <= this.#scheduler.nowMs) this.#startPump()
  }

  #hostState(name: string): Host {
    let host = this.#hosts.get(name)
    if (host === undefined) {
      host = {
        name,
        disk: new MemoryDiskState(new SeededRandom(`${this.#options.seed}/disk/${name}`)),
        random: new SeededRandom(`${this.#options.seed}/host/${name}`),
        isPoweredOn: true,
        isPaused: false,
        boots: 1,
        waiting: [],
        skewMs: 0,
        diskLatencyMs: this.#options.diskLatencyMs ?? DISK_LATENCY_MS,
        current: null,
        operations: 0,
        crashAt: null,
      }
      this.#hosts.set(name, host)
    }
    return host
  }

  /** Runs something of a process now, later (paused) or never (ended). */
  #runFor(host: Host, process: Incarnation | null, run: () => void): void {
    if (process === null || !process.isAlive) return
    if (host.isPaused) {
      host.waiting.push(run)
      return
    }
    try {
      run()
    } catch (error) {
      this.#failure ??= error
      if (this.#options.isSelfRunning) throw error
    }
  }

  #startProcess(host: Host): Process {
    const scheduler = this.#scheduler
    const schedule = (delayMs: number, run: () => void): ScheduledEvent =>
      scheduler.schedule(delayMs, () => this.#runFor(host, process, run))
    const latencyMs = () => {
      const [minMs, maxMs] = host.diskLatencyMs
      return this.#options.isSelfRunning ? 0 : minMs + host.random.next() * (maxMs - minMs)
    }
    const disk = new MemoryDisk(
      host.disk,
      (operation, perform) =>
        new Promise((resolve, reject) => {
          if (!process.isAlive) return
          if (operation.kind !== 'read' && this.#countOperation(host)) return
          schedule(latencyMs(), () => {
            try {
              resolve(perform())
            } catch (error) {
              reject(error)
            }
          })
        }),
      () => this.nowMs() + host.skewMs,
    )
    const process: Process = {
      hostName: host.name,
      isAlive: true,
      schedule: (delayMs, run) => void schedule(delayMs, run),
      runtime: {
        clock: {
          nowMs: () => this.nowMs() + host.skewMs,
          monotonicMs: () => scheduler.nowMs,
        },
        timers: {
          set: (delayMs, callback) => schedule(delayMs, callback),
          clear: (handle) => {
            // Safe because handles only come from `set`.
            if (handle !== null) (handle as ScheduledEvent).run = null
          },
          immediate: (callback) => void schedule(0, callback),
        },
        random: host.random,
        disk,
        network: { listen: unbound, connect: unbound },
        logger: this.#logger(host.name, ''),
        workers: { run: unbound, close: async () => undefined },
        bootId: async () => `${host.name} boot ${host.boots}`,
      },
    }
    process.runtime.network = this.#fabric.networkFor(process)
    process.runtime.workers = createInlineWorkers(process.runtime)
    return process
  }

  /** True when the host has just crashed in place of this operation. */
  #countOperation(host: Host): boolean {
    host.operations++
    if (host.crashAt === null || host.operations < host.crashAt.operation) return false
    this.crash(host.name, host.crashAt.options)
    return true
  }

  #logger(hostName: string, prefix: string): Logger {
    return {
      log: (level, message, fields) => {
        const text = prefix === '' ? message : `${prefix} ${message}`
        const line = {
          atMs: this.nowMs(),
          host: hostName,
          level,
          message: text,
          fields: fields ?? {},
        }
        if (this.logLines.push(line) > LOG_LINES_KEPT) this.logLines.splice(0, LOG_LINES_KEPT / 10)
        this.#options.onLog?.(line)
      },
      child: (inner) => this.#logger(hostName, prefix === '' ? inner : `${prefix} ${inner}`),
    }
  }
}

function unbound(): never {
  throw new Error('the process has no network yet')
}

export function createWorld(options: WorldOptions): World {
  return new World(options)
}

/** One host named `local` whose I/O runs by itself; `world.runFor` moves its clock and timers. */
export function createMemoryRuntime(options: Omit<WorldOptions, 'isSelfRunning'>): {
  runtime: Runtime
  world: World
} {
  const world = createWorld({ ...options, isSelfRunning: true })
  return { runtime: world.host('local'), world }
}
