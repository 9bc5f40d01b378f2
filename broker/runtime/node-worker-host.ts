// The inside of a worker thread: runs one task after another as node-workers.ts sends them, over a disk and clock
// of its own. Holds nothing; what a task leaves on disk is its own affair.
import { parentPort } from 'node:worker_threads'
import { nodeClock, nodeTimers } from './node-clock.ts'
import { createNodeDisk } from './node-disk.ts'
import type { FromWorker, ToWorker, WorkerFailure } from './node-workers.ts'
import type { Logger, WorkerTask } from './runtime.ts'

/** Tasks of any input; what is cast away here is checked where they are run by. */
type AnyTask = WorkerTask<never, unknown, never>

function send(message: FromWorker): void {
  parentPort?.postMessage(message)
}

function loggerWith(prefix: string): Logger {
  return {
    log: (level, message, fields = {}) =>
      send({ type: 'log', level, message: `${prefix}${message}`, fields: plain(fields) }),
    child: (more) => loggerWith(`${prefix}${more} `),
  }
}

/** Errors lose their class when cloned, so they go as text; so does what cannot be cloned. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isPlain = (value: unknown) => value === null || typeof value !== 'object'
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isPlain(value) ? value : String(value)]),
  )
}

function describe(error: unknown): WorkerFailure {
  if (!(error instanceof Error)) {
    return { message: String(error), name: 'Error', stack: String(error), code: undefined }
  }
  const { message, name, stack = '' } = error
  return { message, name, stack, code: (error as NodeJS.ErrnoException).code }
}

export function serveTasks(tasks: readonly AnyTask[]): void {
  const byName = new Map(tasks.map((task) => [task.name, task]))
  const disk = createNodeDisk({ isBlocking: true })
  const context = {
    disk,
    clock: nodeClock,
    timers: nodeTimers,
    logger: loggerWith(''),
    report: (progress: unknown) => send({ type: 'progress', progress }),
  }
  const run = async (message: ToWorker) => {
    try {
      const task = byName.get(message.task)
      if (task === undefined) throw new Error(`no worker task is called ${message.task}`)
      send({ type: 'done', output: await task.run(context, message.input as never) })
    } catch (error) {
      send({ type: 'failed', failure: describe(error) })
    }
  }
  parentPort?.on('message', (message: ToWorker) => void run(message))
}
