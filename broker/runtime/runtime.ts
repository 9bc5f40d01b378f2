// The doors of a broker to the world: clock, timers, random numbers, disk and network as interfaces.
// Everything else under broker/ takes a Runtime and reaches the world through it alone, so that the
// simulation can replay a whole cluster from one seed. `node-*.ts` beside this file are the real ones.

export interface Clock {
  /** Wall clock, milliseconds since the epoch. May jump. */
  nowMs(): number
  /** Never goes back; milliseconds with fractions, from an arbitrary origin. */
  monotonicMs(): number
}

/** Opaque; only good for `Timers.clear`. */
export type TimerHandle = object | number

export interface Timers {
  /** Runs `callback` once after at least `delayMs`. */
  set(delayMs: number, callback: () => void): TimerHandle
  clear(handle: TimerHandle | null): void
  /** Runs `callback` after the current turn's I/O events (setImmediate). */
  immediate(callback: () => void): void
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [0, boundExclusive). */
  int(boundExclusive: number): number
  /** A random Kafka Uuid: 16 bytes as 22 base64url characters, never a reserved one, never starting with '-'. */
  uuid(): string
}

export interface FileHandle {
  /** Writes all of `buffers` at `positionBytes`; resolves once the operating system holds every byte. */
  write(buffers: readonly Uint8Array[], positionBytes: number): Promise<void>
  /** Reads up to `target.length` bytes; resolves to the count read (less only at the end of the file). */
  read(target: Uint8Array, positionBytes: number): Promise<number>
  truncate(sizeBytes: number): Promise<void>
  /** fdatasync. */
  sync(): Promise<void>
  sizeBytes(): Promise<number>
  close(): Promise<void>
}

export interface FileInfo {
  sizeBytes: number
  modifiedMs: number
  isDirectory: boolean
}

/** All paths absolute. Failing calls reject with a NodeJS.ErrnoException (`code`: ENOENT, ENOSPC, EIO …). */
export interface Disk {
  /** 'r' must exist; 'r+' must exist, read and write; 'rw' created if absent, read and write, not truncated. */
  open(path: string, mode: 'r' | 'r+' | 'rw'): Promise<FileHandle>
  readFile(path: string): Promise<Buffer>
  /** Temporary file, fsync, rename over `path`, fsync of the directory: whole or not at all. */
  writeFileAtomic(path: string, data: Uint8Array | string): Promise<void>
  readdir(path: string): Promise<string[]>
  /** null when there is nothing at `path`. */
  stat(path: string): Promise<FileInfo | null>
  mkdir(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Recursive; no error when absent. */
  remove(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
  /** Bytes total and usable of the file system that holds `path` (for DescribeLogDirs). */
  space(path: string): Promise<{ totalBytes: number; usableBytes: number }>
  /** Takes the lock file at `path` for this process; rejects with code ELOCKED while a living process has it. */
  lock(path: string): Promise<DiskLock>
}

export interface DiskLock {
  release(): Promise<void>
}

export interface Endpoint {
  host: string
  port: number
}

/** A connected byte stream. Callbacks are set once, right after it is handed out. */
export interface Socket {
  readonly remote: Endpoint
  readonly local: Endpoint
  /**
   * Queues all buffers in order, without copying; they must not be changed until sent: `whenSent` is called
   * when the operating system holds all their bytes. It is not called on a connection that ended before;
   * after `onClose` nothing reads them any more.
   */
  write(buffers: readonly Uint8Array[], whenSent?: () => void): void
  /** Bytes queued here and not yet taken by the operating system. */
  readonly bufferedBytes: number
  onData(callback: (chunk: Buffer) => void): void
  /** Called exactly once, whoever ended it; `error` when it was not an orderly end. */
  onClose(callback: (error: NodeJS.ErrnoException | null) => void): void
  /** Called whenever `bufferedBytes` has come back to 0. */
  onDrain(callback: () => void): void
  pause(): void
  resume(): void
  /** Sends what is queued, then ends. */
  end(): void
  /** Drops it at once. */
  destroy(): void
}

export interface Listener {
  readonly endpoint: Endpoint
  close(): Promise<void>
}

export interface Network {
  listen(endpoint: Endpoint, onConnection: (socket: Socket) => void): Promise<Listener>
  /** Rejects with `code` ECONNREFUSED, ETIMEDOUT (after `timeoutMs`), EHOSTUNREACH … */
  connect(endpoint: Endpoint, timeoutMs: number): Promise<Socket>
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One line an event; `fields` are printed as key=value. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void
  /** A logger that prefixes every line, e.g. `child('[Raft node 1]')`. */
  child(prefix: string): Logger
}

/** What a task in a worker reaches: no network, and no memory shared with whoever runs it. */
export interface WorkerContext<Progress = never> {
  disk: Disk
  clock: Clock
  timers: Timers
  logger: Logger
  /** Tells whoever runs the task how far it is. Plain data; never waits. */
  report(progress: Progress): void
}

/** Work for a worker, found there by its name. Input, progress and output are cloned: plain data, buffers. */
export interface WorkerTask<Input, Output, Progress = never> {
  readonly name: string
  run(context: WorkerContext<Progress>, input: Input): Promise<Output>
}

export interface WorkerRunOptions<Progress> {
  onProgress?: (progress: Progress) => void
  /** Handed over instead of cloned; unusable here afterwards. */
  transfer?: readonly ArrayBuffer[]
  /** Ends a thread at whatever point it is: the task rejects with code EWORKER. */
  signal?: AbortSignal
}

/** Threads for what would hold up the event loop: recovery, compaction. */
export interface Workers {
  /**
   * Runs a task, waiting for a free worker in call order; the caller bounds how many it has under way.
   * Rejects as the task does (`code` and message are kept), with code EWORKER when its thread ended.
   */
  run<Input, Output, Progress>(
    task: WorkerTask<Input, Output, Progress>,
    input: Input,
    options?: WorkerRunOptions<Progress>,
  ): Promise<Output>
  /** Ends all threads; what is under way rejects with code EWORKER. */
  close(): Promise<void>
}

export interface Runtime {
  clock: Clock
  timers: Timers
  random: Random
  disk: Disk
  network: Network
  logger: Logger
  workers: Workers
  /** Changes whenever the operating system starts anew; null where it cannot be known. */
  bootId(): Promise<string | null>
}
