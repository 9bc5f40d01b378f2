// The one broker that is fuzzed, in memory or as a process: its own quorum, small internal topics.

export function fuzzedBroker(place: {
  host: string
  port: number
  controllerPort: number
  logDirectory: string
}): string {
  const { host, port, controllerPort, logDirectory } = place
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `listeners=PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `controller.quorum.voters=1@${host}:${controllerPort}`,
    `log.dirs=${logDirectory}`,
    'offsets.topic.num.partitions=2',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.num.partitions=2',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'group.initial.rebalance.delay.ms=100',
    'group.max.session.timeout.ms=20000',
    'eyrie.cluster.id=AAAAAAAAQACAAAAAAAAAAA',
  ].join('\n')
}
