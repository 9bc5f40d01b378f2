// The hands of the failure detector: watches heartbeat connections, connects to suspected brokers, and has those
// judged dead fenced. Lives for one term of the active controller and keeps nothing.
import type { MetadataImage } from '../metadata/image-types.ts'
import type { Endpoint, Logger, Runtime, TimerHandle } from '../runtime/runtime.ts'
import {
  type DetectorAction,
  FailureDetector,
  type FailureDetectorSettings,
  type ProbeOutcome,
} from './failure-detector.ts'
import type { HeartbeatConnection } from './types.ts'

export interface FailureProberOptions {
  runtime: Runtime
  logger: Logger
  nodeId: number
  settings: FailureDetectorSettings
  image: () => MetadataImage
  fence: (brokerId: number) => void
}

const CONNECT_TIMEOUT_MS = 1000

export class FailureProber {
  readonly #options: FailureProberOptions
  readonly #detector: FailureDetector
  /** The connection that carried each broker's last heartbeat. */
  readonly #connections = new Map<number, number>()
  readonly #timers = new Set<TimerHandle>()
  #isClosed = false

  constructor(options: FailureProberOptions) {
    this.#options = options
    this.#detector = new FailureDetector(options.settings)
  }

  watch(brokerId: number, connection: HeartbeatConnection): void {
    if (this.#connections.get(brokerId) === connection.id) return
    this.#connections.set(brokerId, connection.id)
    connection.onClose(() => {
      if (this.#connections.get(brokerId) !== connection.id) return
      this.#connections.delete(brokerId)
      this.suspect(brokerId)
    })
  }

  heartbeat(broker: { id: number; epoch: number }): void {
    this.#detector.heartbeat(broker, this.#nowMs())
  }

  /** Begins to probe a broker that should be alive; one that is fenced or shutting down may be gone. */
  suspect(brokerId: number): void {
    const broker = this.#options.image().brokers.get(brokerId)
    if (this.#isClosed || broker === undefined || brokerId === this.#options.nodeId) return
    if (broker.isFenced || broker.inControlledShutdown) return
    const action = this.#detector.suspect({ id: brokerId, epoch: broker.epoch }, this.#nowMs())
    if (action !== null) this.#act(action)
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) this.#options.runtime.timers.clear(timer)
    this.#timers.clear()
  }

  #nowMs(): number {
    return this.#options.runtime.clock.monotonicMs()
  }

  #act(action: DetectorAction): void {
    if (action.type === 'fence') {
      this.#fence(action)
      return
    }
    const { brokerId, suspicion } = action
    // Safe to let go: #probe turns every end of a connect into an outcome.
    const run = () => void this.#probe(brokerId, suspicion)
    if (action.delayMs === 0) {
      run()
      return
    }
    const timer = this.#options.runtime.timers.set(action.delayMs, () => {
      this.#timers.delete(timer)
      run()
    })
    this.#timers.add(timer)
  }

  #fence(action: { brokerId: number; brokerEpoch: number }): void {
    const broker = this.#options.image().brokers.get(action.brokerId)
    const isSame = broker?.epoch === action.brokerEpoch
    if (!isSame || broker.isFenced || broker.inControlledShutdown) return
    this.#options.logger.log('info', 'fences a broker that is dead', { broker: action.brokerId })
    this.#options.fence(action.brokerId)
  }

  async #probe(brokerId: number, suspicion: number): Promise<void> {
    const endpoint = this.#options.image().brokers.get(brokerId)?.endpoints[0]
    const outcome = endpoint === undefined ? 'other' : await this.#connect(endpoint)
    if (this.#isClosed) return
    const action = this.#detector.probed({ brokerId, suspicion, outcome })
    if (action !== null) this.#act(action)
  }

  async #connect({ host, port }: Endpoint): Promise<ProbeOutcome> {
    try {
      const { network } = this.#options.runtime
      const socket = await network.connect({ host, port }, CONNECT_TIMEOUT_MS)
      socket.onClose(() => undefined)
      socket.destroy()
      return 'other'
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'refused' : 'other'
    }
  }
}
