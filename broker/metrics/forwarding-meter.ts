// ForwardingManager's figures: requests of clients that travel on to the active controller in an Envelope. Told by
// the controller channel.
import type { Clock } from '../runtime/runtime.ts'
import { Sensor } from './sensor.ts'
import type { MetricsRegistry } from './types.ts'

export interface ForwardingMeter {
  /** One more, or one less, waits to be sent. */
  waiting(change: 1 | -1): void
  /** It was sent after `queueMs` and answered after `remoteMs` more. */
  answered(queueMs: number, remoteMs: number): void
}

export function forwardingMeter(metrics: MetricsRegistry, clock: Clock): ForwardingMeter {
  const queueMs = new Sensor(clock, { quantiles: true })
  const remoteMs = new Sensor(clock, { quantiles: true })
  let queueLength = 0
  metrics.sensors('kafka.server:type=ForwardingManager', () => ({
    QueueLength: queueLength,
    'QueueTimeMs.p99': queueMs.quantile(0.99),
    'QueueTimeMs.p999': queueMs.quantile(0.999),
    'RemoteTimeMs.p99': remoteMs.quantile(0.99),
    'RemoteTimeMs.p999': remoteMs.quantile(0.999),
  }))
  return {
    waiting(change) {
      queueLength += change
    },
    answered(queued, remote) {
      queueMs.record(queued)
      remoteMs.record(remote)
    },
  }
}
