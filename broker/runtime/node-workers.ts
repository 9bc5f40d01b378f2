// Worker threads of a broker process, started when first needed and ended after idling. node-runtime.ts makes
// them; broker/worker.ts is what they run. A thread that dies takes its one task with it, never the process.
import { Worker } from 'node:worker_threads'
import type { Logger, LogLevel, Workers } from './runtime.ts'

const IDLE_MS = 30_000

export type ToWorker = { type: 'run'; task: string; input: unknown }

/** What a task failed with, as far as it can be told across threads. */
export interface WorkerFailure {
  message: string
  name: string
  stack: string
  code: unknown
}

export type FromWorker =
  | { type: 'progress'; progress: unknown }
  | { type: 'log'; level: LogLevel; message: string; fields: Record<string, unknown> }
  | { type: 'done'; output: unknown }
  | { type: 'failed'; failure: WorkerFailure }

interface Job {
  task: string
  input: unknown
  transfer: readonly ArrayBuffer[]
  onProgress: (progress: unknown) => void
  resolve: (output: unknown) => void
  reject: (error: unknown) => void
}

interface Thread {
  worker: Worker
  job: Job | null
  idle: NodeJS.Timeout | null
}

export interface NodeWorkersOptions {
  script: URL
  /** Threads at most. */
  threadsMax: number
  logger: Logger
}

function gone(why: string): Error {
  return Object.assign(new Error(why), { code: 'EWORKER' })
}

function revive(failure: WorkerFailure): Error {
  const error = Object.assign(new Error(failure.message), { code: failure.code })
  error.name = failure.name
  error.stack = failure.stack
  return error
}

export class NodeWorkers implements Workers {
  readonly #options: NodeWorkersOptions
  readonly #threads = new Set<Thread>()
  readonly #waiting: Job[] = []
  #isClosed = false

  constructor(options: NodeWorkersOptions) {
    this.#options = options
  }

  run: Workers['run'] = (task, input, options = {}) =>
    new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(gone('the workers are closed'))
        return
      }
      const { signal, onProgress, transfer = [] } = options
      const giveUp = () => this.#giveUp(job)
      const job: Job = {
        task: task.name,
        input,
        transfer,
        // Safe casts: the thread runs this very task, found by its name.
        onProgress: (progress) => onProgress?.(progress as never),
        resolve: (output) => {
          signal?.removeEventListener('abort', giveUp)
          resolve(output as never)
        },
        reject: (error) => {
          signal?.removeEventListener('abort', giveUp)
          reject(error)
        },
      }
      this.#waiting.push(job)
      signal?.addEventListener('abort', giveUp)
      if (signal?.aborted === true) giveUp()
      else this.#dispatch()
    })

  #giveUp(job: Job): void {
    const at = this.#waiting.indexOf(job)
    if (at >= 0) {
      this.#waiting.splice(at, 1)
      job.reject(gone('the task was given up'))
      return
    }
    for (const thread of this.#threads) if (thread.job === job) void thread.worker.terminate()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const job of this.#waiting.splice(0)) job.reject(gone('the workers are closed'))
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()))
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const idle = [...this.#threads].find((thread) => thread.job === null)
      const thread =
        idle ?? (this.#threads.size < this.#options.threadsMax ? this.#start() : undefined)
      if (thread === undefined) return
      const job = this.#waiting.shift()
      if (job !== undefined) this.#give(thread, job)
    }
  }

  #give(thread: Thread, job: Job): void {
    if (thread.idle !== null) clearTimeout(thread.idle)
    thread.idle = null
    thread.job = job
    const message: ToWorker = { type: 'run', task: job.task, input: job.input }
    try {
      thread.worker.postMessage(message, [...job.transfer])
    } catch (error) {
      // What cannot be cloned never left.
      this.#settle(thread)?.reject(error)
    }
  }

  #start(): Thread {
    const worker = new Worker(this.#options.script)
    const thread: Thread = { worker, job: null, idle: null }
    this.#threads.add(thread)
    worker.on('message', (message: FromWorker) => this.#onMessage(thread, message))
    worker.on('error', (error) => {
      this.#options.logger.log('error', 'A worker thread failed', { error })
      this.#settle(thread)?.reject(Object.assign(error, { code: 'EWORKER' }))
    })
    worker.on('exit', () => {
      this.#threads.delete(thread)
      if (thread.idle !== null) clearTimeout(thread.idle)
      thread.job?.reject(gone('the worker thread ended'))
      thread.job = null
      if (!this.#isClosed) this.#dispatch()
    })
    return thread
  }

  #onMessage(thread: Thread, message: FromWorker): void {
    if (message.type === 'log') {
      this.#options.logger.log(message.level, message.message, message.fields)
    } else if (message.type === 'progress') thread.job?.onProgress(message.progress)
    else {
      const job = this.#settle(thread)
      if (message.type === 'done') job?.resolve(message.output)
      else job?.reject(revive(message.failure))
      this.#dispatch()
    }
  }

  /** The thread is free again; gives the job it had. */
  #settle(thread: Thread): Job | null {
    const { job } = thread
    thread.job = null
    thread.idle = setTimeout(() => void thread.worker.terminate(), IDLE_MS)
    thread.idle.unref()
    return job
  }
}
