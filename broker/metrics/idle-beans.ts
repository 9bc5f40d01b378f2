// How much of its time the broker's event loop is idle, under the names of Kafka's pools of threads: one loop does the
// work of all of them. Registered once by main.ts, which calls `look` each second.
import type { Clock } from '../runtime/runtime.ts'
import { Sensor } from './sensor.ts'
import type { MetricsRegistry } from './types.ts'

const POOL = 'kafka.server:type=KafkaRequestHandlerPool,name='
const HANDLERS = ['RequestHandler', 'BrokerRequestHandler', 'ControllerRequestHandler']
const NS_PER_MS = 1e6

interface IdleBeans {
  /** Reads how idle the loop was since it was last read. */
  look(): void
}

/** `idleMs`: since the start of the process, never falling. */
export function registerIdleBeans(
  metrics: MetricsRegistry,
  clock: Clock,
  idleMs: () => number,
): IdleBeans {
  const meters = HANDLERS.map((name) =>
    metrics.meter(`${POOL}${name}AvgIdlePercent`, 'percent', 'NANOSECONDS'),
  )
  const idle = new Sensor(clock)
  let lastIdleMs = idleMs()
  let lastMs = clock.monotonicMs()
  const busy = new Sensor(clock)
  /** Over the last half to one minute; all of it as long as nothing is known. */
  const share = () => {
    const idleRate = idle.rate()
    const all = idleRate + busy.rate()
    return all === 0 ? 1 : idleRate / all
  }
  const network = 'kafka.network:'
  metrics.gauge(`${network}type=SocketServer,name=NetworkProcessorAvgIdlePercent`, share)
  metrics.gauge(`${network}type=Processor,name=IdlePercent,networkProcessor=0`, share)
  return {
    look() {
      const nowMs = clock.monotonicMs()
      const nowIdleMs = idleMs()
      const elapsedMs = Math.max(0, nowMs - lastMs)
      const wasIdleMs = Math.min(elapsedMs, Math.max(0, nowIdleMs - lastIdleMs))
      lastMs = nowMs
      lastIdleMs = nowIdleMs
      for (const meter of meters) meter.mark(Math.round(wasIdleMs * NS_PER_MS), nowMs)
      idle.record(wasIdleMs, nowMs)
      busy.record(elapsedMs - wasIdleMs, nowMs)
    },
  }
}
