// The server.properties of an embedded broker, with Kafka's own key names.
import { join } from 'node:path'
import { type BrokerRecord, brokerDirectory, type ClusterRecord } from './layout.ts'
import { defaultReplication, isVoter } from './membership.ts'

/**
 * Offsets, transactions and defaults with as many copies as there were voters at first, three at most: brokers that were
 * added later change no default under those that run.
 */
export function serverProperties(
  clusterDirectory: string,
  cluster: ClusterRecord,
  broker: BrokerRecord,
): string {
  const { host } = cluster
  const voting = cluster.brokers.filter(isVoter)
  const replication = defaultReplication(cluster)
  const minInSync = replication > 1 ? 2 : 1
  const voters = voting.map((b) => `${b.id}@${host}:${b.controllerPort}`).join(',')
  const own = isVoter(broker) ? `,CONTROLLER://${host}:${broker.controllerPort}` : ''
  const listeners = `PLAINTEXT://${host}:${broker.port}${own}`
  const lines: Record<string, string | number> = {
    'process.roles': isVoter(broker) ? 'broker,controller' : 'broker',
    'node.id': broker.id,
    listeners,
    'advertised.listeners': `PLAINTEXT://${host}:${broker.port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.voters': voters,
    'log.dirs': join(brokerDirectory(clusterDirectory, broker.id), 'data'),
    'offsets.topic.replication.factor': replication,
    'transaction.state.log.replication.factor': replication,
    'transaction.state.log.min.isr': minInSync,
    'default.replication.factor': replication,
    'min.insync.replicas': minInSync,
    'group.initial.rebalance.delay.ms': 0,
    'eyrie.cluster.id': cluster.clusterId,
    'eyrie.jolokia.host': host,
    'eyrie.jolokia.port': broker.jolokiaPort,
    ...(broker.rack === undefined ? {} : { 'broker.rack': broker.rack }),
    ...cluster.properties,
  }
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${escapeValue(String(value))}\n`)
    .join('')
}

/** Java's properties files treat a backslash as an escape. */
function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\')
}
