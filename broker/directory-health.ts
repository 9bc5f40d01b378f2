// What a failing log directory means for the broker: its replicas go offline, the controller is told, and the process
// ends when nothing is left, when the metadata log is gone, or when the controller cannot be told in time. Made by
// broker-server.ts. Nothing durable: which directories work is found out anew at each start.
import type { DirectoryState } from './log/log-directories.ts'
import type { LogManager } from './log/log-manager.ts'
import type { MetricsRegistry } from './metrics/types.ts'
import type { Runtime } from './runtime/runtime.ts'

/** Gauges of the directories under the names of Kafka's LogManager beans; call once. */
export function registerDirectoryBeans(metrics: MetricsRegistry, logs: LogManager): void {
  const gauge = (name: string, read: () => number) =>
    metrics.gauge(`kafka.log:type=LogManager,name=${name}`, read)
  const offline = () => logs.directories.filter(({ isOnline }) => !isOnline)
  const cordoned = () => logs.directories.filter(({ isCordoned }) => isCordoned)
  gauge('OfflineLogDirectoryCount', () => offline().length)
  gauge('CordonedLogDirectoryCount', () => cordoned().length)
  for (const { path } of logs.directories) {
    const isOffline = () => offline().some((directory) => directory.path === path)
    gauge(`LogDirectoryOffline,logDirectory="${path}"`, () => (isOffline() ? 1 : 0))
    const isCordoned = () => cordoned().some((directory) => directory.path === path)
    gauge(`LogDirectoryCordoned,logDirectory="${path}"`, () => (isCordoned() ? 1 : 0))
    const remaining = () => logs.recovery.find((each) => each.path === path)
    gauge(`remainingLogsToRecover,dir="${path}"`, () => remaining()?.logs ?? 0)
    gauge(`remainingSegmentsToRecover,dir="${path}"`, () => remaining()?.segments ?? 0)
  }
}

export interface DirectoryHealthOptions {
  runtime: Runtime
  metadataLogDir: string
  /** log.dir.failure.timeout.ms */
  failureTimeoutMs: number
  onFatal: (error: Error) => void
}

interface Parts {
  logs: Pick<LogManager, 'directories'>
  /** Resolves once the active controller knows that the directory is offline. */
  reportOffline(directoryId: string): Promise<void>
  /** Takes all replicas in the directory offline. */
  takeOffline(path: string, error: unknown): void
}

export class DirectoryHealth {
  readonly #options: DirectoryHealthOptions
  #parts: Parts | null = null

  constructor(options: DirectoryHealthOptions) {
    this.#options = options
  }

  attach(parts: Parts): void {
    this.#parts = parts
  }

  readonly onFailure = ({ path, directoryId }: DirectoryState, error: unknown): void => {
    const parts = this.#parts
    if (parts === null) return
    const { metadataLogDir, onFatal } = this.#options
    const { directories } = parts.logs
    if (path === metadataLogDir) {
      onFatal(new Error(`the directory of the metadata log failed: ${path}`, { cause: error }))
    } else if (directories.every(({ isOnline }) => !isOnline)) {
      const paths = directories.map((each) => each.path).join(', ')
      onFatal(new Error(`no log directory is left: ${paths}`, { cause: error }))
    } else {
      parts.takeOffline(path, error)
      this.#tellController(parts, path, directoryId)
    }
  }

  #tellController(parts: Parts, path: string, directoryId: string): void {
    const { runtime, failureTimeoutMs, onFatal } = this.#options
    const timer = runtime.timers.set(failureTimeoutMs, () => {
      onFatal(new Error(`the controller could not be told that ${path} is offline`))
    })
    void parts.reportOffline(directoryId).then(() => runtime.timers.clear(timer))
  }
}
