// Beans of listeners and their connections, under Kafka's names. One event loop does the work of all processors: it
// is networkProcessor 0. Made once by server-beans.ts; values are read when asked for.
import type { Bean, BeanSource, MetricsRegistry } from './metrics/types.ts'
import type { SocketListener } from './network/listener.ts'

const SOCKET = 'kafka.server:type=socket-server-metrics'

export function registerNetworkBeans(
  metrics: MetricsRegistry,
  sources: { listeners: readonly SocketListener[] },
): void {
  const { listeners } = sources
  const sum = (of: (listener: SocketListener) => number) => () =>
    listeners.reduce((total, listener) => total + of(listener), 0)
  const requests = sum((listener) => waitingIn(listener).requests)
  const responses = sum((listener) => waitingIn(listener).responses)
  const channel = 'kafka.network:type=RequestChannel,name='
  metrics.gauge(`${channel}RequestQueueSize`, requests)
  metrics.gauge(`${channel}ResponseQueueSize`, responses)
  metrics.gauge(`${channel}ResponseQueueSize,processor=0`, responses)
  const server = 'kafka.network:type=SocketServer,name='
  metrics.gauge(
    `${server}ExpiredConnectionsKilledCount`,
    sum(({ expiredCount }) => expiredCount),
  )
  metrics.gauge(
    `${server}MemoryPoolUsed`,
    sum((listener) => waitingIn(listener).requestBytes),
  )
  metrics.sensors(SOCKET, () => ({
    'broker-connection-accept-rate': listeners.reduce((rate, each) => rate + accepts(each), 0),
  }))
  for (const listener of listeners) {
    const label = `listener=${listener.name}`
    metrics.sensors(`${SOCKET},${label}`, () => ({
      'connection-accept-rate': accepts(listener),
      'connection-accept-throttle-time': listener.averageHeldMs,
    }))
    metrics.sensors(`${SOCKET},${label},networkProcessor=0`, () => ({
      ...listener.traffic.attributes(),
      'expired-connections-killed-count': listener.expiredCount,
    }))
  }
  metrics.attach(clientBeans(listeners))
}

function accepts({ traffic }: SocketListener): number {
  return traffic.creationRate
}

function waitingIn(listener: SocketListener) {
  const sum = { requests: 0, responses: 0, requestBytes: 0 }
  for (const connection of listener.connections) {
    const waiting = connection.waiting
    sum.requests += waiting.requests
    sum.responses += waiting.responses
    sum.requestBytes += waiting.requestBytes
  }
  return sum
}

/** Connections by the software that clients say they are: there as long as such a connection is. */
function clientBeans(listeners: readonly SocketListener[]): BeanSource {
  function* beans(): Generator<Bean> {
    for (const listener of listeners) {
      const counts = new Map<string, number>()
      for (const { client } of listener.connections) {
        const { clientSoftwareName: name, clientSoftwareVersion: version } = client
        const labels = `clientSoftwareName=${name || 'unknown'},clientSoftwareVersion=${version || 'unknown'}`
        counts.set(labels, (counts.get(labels) ?? 0) + 1)
      }
      for (const [labels, connections] of counts) {
        const keys = `${labels},listener=${listener.name},networkProcessor=0`
        const name = `kafka.server:${keys},type=socket-server-metrics`
        yield { name, kind: 'sensors', read: () => ({ connections }) }
      }
    }
  }
  return {
    type: 'socket-server-metrics',
    beans,
    find(name) {
      if (!name.startsWith('kafka.server:clientSoftwareName=')) return null
      for (const bean of beans()) if (bean.name === name) return bean
      return null
    },
  }
}
