// The process of one broker: reads server.properties (first argument), runs a BrokerServer, serves its metrics, and
// ends in order on SIGTERM, SIGINT or the death of its parent. What must not be lost is on disk by then or comes
// back through the quorum; a second signal, or time running out, ends it at once.
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { BrokerServer } from './broker-server.ts'
import { ConfigFileError } from './config/server-properties.ts'
import { type BrokerConfig, loadBrokerConfig } from './config.ts'
import { createMetricsFaces } from './metrics/faces.ts'
import { registerIdleBeans } from './metrics/idle-beans.ts'
import { registerProcessBeans } from './metrics/process-beans.ts'
import { Registry } from './metrics/registry.ts'
import { listenHttp } from './runtime/node-http.ts'
import { NodeProcess } from './runtime/node-process.ts'
import { createNodeRuntime } from './runtime/node-runtime.ts'
import type { Listener, Runtime } from './runtime/runtime.ts'

const VERSION = '4.3.1-eyrie'
const JOLOKIA_AGENT_VERSION = '2.2.9'
/** How often the event loop's idleness is measured. */
const IDLE_LOOK_MS = 1000
/** What closing files may take beyond the controlled shutdown. */
const CLOSE_TIMEOUT_MS = 15_000

async function main(): Promise<void> {
  const [path] = process.argv.slice(2)
  if (path === undefined) {
    console.error('usage: broker <server.properties>')
    process.exitCode = 2
    return
  }
  let loaded: ReturnType<typeof loadBrokerConfig>
  try {
    const text = await createNodeRuntime().disk.readFile(resolve(path))
    loaded = loadBrokerConfig(path, text.toString('utf8'), hostname())
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
    return
  }
  const runtime = createNodeRuntime({
    logLevel: loaded.config.logLevel,
    workerScript: new URL('./worker.mjs', import.meta.url),
  })
  for (const warning of loaded.warnings) runtime.logger.log('warn', warning)
  new BrokerProcess(loaded.config, runtime).run()
}

class BrokerProcess {
  readonly #config: BrokerConfig
  readonly #runtime: Runtime
  readonly #metrics: Registry
  readonly #stats = new NodeProcess()
  #opening: Promise<BrokerServer> | null = null
  #jolokia: Listener | null = null
  #isStopping = false

  constructor(config: BrokerConfig, runtime: Runtime) {
    this.#config = config
    this.#runtime = runtime
    this.#metrics = new Registry(runtime)
  }

  run(): void {
    process.on('uncaughtException', (error) => this.#die('An unexpected error', error))
    process.on('unhandledRejection', (reason) => this.#die('An unexpected error', reason))
    process.on('SIGTERM', () => void this.#stop('SIGTERM'))
    process.on('SIGINT', () => void this.#stop('SIGINT'))
    if (process.env.EYRIE_PARENT === '1') {
      if (process.connected) process.on('disconnect', () => void this.#stop('the parent has gone'))
      else process.stdin.resume().on('end', () => void this.#stop('the parent has gone'))
    }
    this.#start().catch((error: unknown) => this.#die('The broker could not start', error))
  }

  async #start(): Promise<void> {
    const { nodeId } = this.#config
    const app = { nodeId, version: VERSION, commitId: 'eyrie' }
    registerProcessBeans(this.#metrics, this.#stats, app)
    this.#watchLoop()
    this.#opening = BrokerServer.open({
      runtime: this.#runtime,
      config: this.#config,
      metrics: this.#metrics,
      onFatal: (error) => this.#die('The broker cannot go on', error),
    })
    const server = await this.#opening
    await this.#serveMetrics()
    await server.serve()
    if (this.#isStopping) return
    const listeners = server.endpoints.map(
      ({ name, endpoint }) => `${name}://${endpoint.host}:${endpoint.port}`,
    )
    const startedMs = Math.round(this.#stats.uptimeMs())
    this.#runtime.logger.log('info', `[Broker ${nodeId}] serves`, {
      cluster: server.clusterId,
      listeners: listeners.join(','),
      startedMs,
    })
    process.send?.({ type: 'ready' })
  }

  #watchLoop(): void {
    const { clock, timers } = this.#runtime
    const idle = registerIdleBeans(this.#metrics, clock, () => this.#stats.eventLoopIdleMs())
    const look = () => {
      idle.look()
      timers.set(IDLE_LOOK_MS, look)
    }
    look()
  }

  async #serveMetrics(): Promise<void> {
    const { jolokiaHost, jolokiaPort } = this.#config
    if (jolokiaPort < 0) return
    const source = {
      registry: this.#metrics,
      agentVersion: JOLOKIA_AGENT_VERSION,
      agentId: `broker-${this.#config.nodeId}`,
      product: { name: 'eyrie', vendor: 'Eyrie', version: VERSION },
      nowMs: () => this.#runtime.clock.nowMs(),
    }
    const endpoint = { host: jolokiaHost, port: jolokiaPort }
    this.#jolokia = await listenHttp(endpoint, createMetricsFaces(source))
  }

  async #stop(reason: string): Promise<void> {
    if (this.#isStopping) {
      this.#runtime.logger.log('warn', 'Ending at once', { reason })
      process.exit(1)
    }
    this.#isStopping = true
    this.#runtime.logger.log('info', 'Shutting down', { reason })
    const limitMs = this.#config.controlledShutdownTimeoutMs + CLOSE_TIMEOUT_MS
    this.#runtime.timers.set(limitMs, () => {
      this.#die('The broker did not stop in time', new Error(`${limitMs} ms`))
    })
    try {
      const server = await this.#opening
      await server?.shutdown()
      await this.#jolokia?.close()
    } catch (error) {
      this.#die('The broker did not stop in order', error)
    }
    this.#runtime.logger.log('info', 'Stopped')
    process.exit(0)
  }

  #die(what: string, error: unknown): never {
    if (error instanceof ConfigFileError) {
      console.error(error.message)
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      this.#runtime.logger.log('error', what, { error: text })
    }
    process.exit(1)
  }
}

void main()
