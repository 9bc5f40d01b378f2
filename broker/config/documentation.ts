// One plain sentence for each configuration that acts here, by name; shown by DescribeConfigs and the console. What
// does not act has its sentence in documentation-without-effect.ts.
import { withoutEffect } from './documentation-without-effect.ts'

const SENTENCES: Readonly<Record<string, string>> = {
  // Topics
  'cleanup.policy':
    'What happens to old data: "delete" drops whole segments by age or size, "compact" keeps the last value of each key.',
  'compression.gzip.level': 'How hard gzip works where the broker compresses: 1 fast to 9 small.',
  'compression.lz4.level':
    'Accepted and kept, without effect: the lz4 library in use knows one level, the fast one.',
  'compression.type':
    'The codec data is stored in; "producer" keeps what each producer chose, without recompressing.',
  'compression.zstd.level':
    'How hard zstd works where the broker compresses: negative fast, 22 small.',
  'delete.retention.ms':
    'How long a tombstone stays in a compacted topic, so that readers can see the deletion.',
  'file.delete.delay.ms': 'How long a dropped segment file stays on disk before it is unlinked.',
  'flush.messages': 'Force data to disk after this many records; replication makes this needless.',
  'flush.ms':
    'Force data to disk at least this often, looked at each log.flush.scheduler.interval.ms; replication makes this needless.',
  'follower.replication.throttled.replicas':
    'Replicas whose incoming replication is throttled, as partition:broker pairs or "*".',
  'index.interval.bytes': 'Bytes of data between two entries of the offset index.',
  'leader.replication.throttled.replicas':
    'Replicas whose outgoing replication is throttled, as partition:broker pairs or "*".',
  'max.compaction.lag.ms': 'The longest time a record may wait before it is compacted.',
  'max.message.bytes': 'The largest record batch accepted, after compression.',
  'message.timestamp.after.max.ms':
    "How far ahead of the broker's clock a record's timestamp may be.",
  'message.timestamp.before.max.ms':
    "How far behind the broker's clock a record's timestamp may be.",
  'message.timestamp.type':
    "Whether a record's timestamp is the producer's (CreateTime) or the broker's (LogAppendTime).",
  'min.cleanable.dirty.ratio':
    'The share of a log that must be uncompacted before compaction runs on it.',
  'min.compaction.lag.ms': 'The shortest time a record stays uncompacted.',
  'min.insync.replicas':
    'Replicas that must have a write before acks=all is answered; fewer in sync refuse it.',
  preallocate: 'Whether a new segment file gets its full size at once.',
  'retention.bytes': 'Size of each partition above which its oldest segments are dropped; -1 none.',
  'retention.ms': 'Age above which segments are dropped; -1 keeps them for ever.',
  'segment.bytes': 'Size at which a segment file is closed and a new one is begun.',
  'segment.index.bytes': 'Largest size of a segment index file.',
  'segment.jitter.ms':
    'Largest random time taken off segment.ms, so that logs do not all roll at once.',
  'segment.ms': 'Age at which a segment file is closed even if it is not full.',
  'unclean.leader.election.enable':
    'Whether a replica that is not in sync may lead when no other is left; it loses data.',
  // Brokers: identity, listeners, quorum
  'advertised.listeners': 'The addresses clients are told to connect to, if not the listeners.',
  'broker.id': 'The former name of node.id.',
  'broker.rack': 'The rack of this broker; replicas are spread over racks.',
  'controller.listener.names': 'Names of the listeners that controllers talk on.',
  'controller.quorum.voters': 'All voters of the metadata quorum, as id@host:port.',
  'controller.quorum.bootstrap.servers':
    'Addresses where the metadata quorum is found, where voters are not listed.',
  'controller.quorum.election.timeout.ms':
    'Longest time without a result before a candidate tries another election.',
  'controller.quorum.election.backoff.max.ms':
    'Longest random wait after a lost election before the next.',
  'controller.quorum.fetch.timeout.ms':
    'Longest time without the leader of the quorum before an election begins.',
  'controller.quorum.request.timeout.ms': 'Longest wait for an answer inside the quorum.',
  'controller.quorum.append.linger.ms':
    'Time the leader of the quorum gathers writes before it flushes them.',
  'inter.broker.listener.name': 'The listener that brokers use between themselves.',
  'listener.security.protocol.map': 'The security protocol of each listener name.',
  listeners: 'The addresses this process listens on, as NAME://host:port.',
  'node.id': 'The number of this node, unique in the cluster.',
  'process.roles':
    'What this process is: a broker, or a broker and a controller. A controller alone is refused.',
  'security.inter.broker.protocol':
    'Security protocol between brokers, where no listener name says it.',
  // Brokers: topics
  'auto.create.topics.enable': 'Whether asking for an unknown topic creates it.',
  'auto.leader.rebalance.enable': 'Whether leadership goes back to preferred replicas by itself.',
  'leader.imbalance.check.interval.seconds':
    'How often the controller looks for partitions not on their preferred leader.',
  'default.replication.factor': 'Replicas of a topic that is created without saying how many.',
  'delete.topic.enable': 'Whether topics can be deleted.',
  'num.partitions': 'Partitions of a topic that is created without saying how many.',
  // Brokers: log
  'log.cleaner.enable': 'Whether compaction runs.',
  'log.cleaner.threads': 'Threads that compact.',
  'log.cleaner.delete.retention.ms': 'The default of delete.retention.ms for topics.',
  'log.cleaner.max.compaction.lag.ms': 'The default of max.compaction.lag.ms for topics.',
  'log.cleaner.min.cleanable.ratio': 'The default of min.cleanable.dirty.ratio for topics.',
  'log.cleaner.min.compaction.lag.ms': 'The default of min.compaction.lag.ms for topics.',
  'log.cleanup.policy': 'The default of cleanup.policy for topics.',
  'log.dir': 'The data directory, where log.dirs is not set.',
  'log.dirs': 'The data directories of this broker.',
  'log.flush.interval.messages': 'The default of flush.messages for topics.',
  'log.flush.interval.ms': 'The default of flush.ms for topics.',
  'log.flush.scheduler.interval.ms': 'How often the broker looks for logs to force to disk.',
  'log.flush.offset.checkpoint.interval.ms': 'How often recovery points are written.',
  'log.flush.start.offset.checkpoint.interval.ms': 'How often the starts of logs are written.',
  'replica.high.watermark.checkpoint.interval.ms': 'How often high watermarks are written.',
  'num.replica.alter.log.dirs.threads':
    'Replicas that move between log directories side by side; as many as there are directories by default.',
  'log.index.interval.bytes': 'The default of index.interval.bytes for topics.',
  'log.index.size.max.bytes': 'The default of segment.index.bytes for topics.',
  'log.message.timestamp.after.max.ms': 'The default of message.timestamp.after.max.ms for topics.',
  'log.message.timestamp.before.max.ms':
    'The default of message.timestamp.before.max.ms for topics.',
  'log.message.timestamp.type': 'The default of message.timestamp.type for topics.',
  'log.preallocate': 'The default of preallocate for topics.',
  'log.retention.bytes': 'The default of retention.bytes for topics.',
  'log.retention.check.interval.ms': 'How often the broker looks for segments to drop.',
  'log.retention.hours':
    'The default of retention.ms in hours, where minutes and milliseconds are not set.',
  'log.retention.minutes':
    'The default of retention.ms in minutes, where milliseconds are not set.',
  'log.retention.ms': 'The default of retention.ms for topics.',
  'log.roll.hours': 'The default of segment.ms in hours, where milliseconds are not set.',
  'log.roll.jitter.hours':
    'The default of segment.jitter.ms in hours, where milliseconds are not set.',
  'log.roll.jitter.ms': 'The default of segment.jitter.ms for topics.',
  'log.roll.ms': 'The default of segment.ms for topics.',
  'log.segment.bytes': 'The default of segment.bytes for topics.',
  'log.segment.delete.delay.ms': 'The default of file.delete.delay.ms for topics.',
  'message.max.bytes': 'The default of max.message.bytes for topics.',
  'metadata.log.dir': 'The directory of the metadata log, if not the first of log.dirs.',
  'metadata.log.max.record.bytes.between.snapshots':
    'Bytes of metadata records after which a snapshot is written.',
  'metadata.log.max.snapshot.interval.ms':
    'Longest time between two snapshots of changing metadata.',
  'metadata.log.segment.bytes': 'Size at which a segment of the metadata log is closed.',
  'metadata.log.segment.ms': 'Age at which a segment of the metadata log is closed.',
  'metadata.max.idle.interval.ms': 'How often an idle controller writes an empty record; 0 never.',
  'num.recovery.threads.per.data.dir':
    'Logs recovered side by side in each data directory at start.',
  // Brokers: network
  'connections.max.idle.ms': 'Idle time after which a connection is closed.',
  'cordoned.log.dirs':
    'Log directories, of log.dirs, where no new replica goes; * for all of them.',
  'max.connection.creation.rate':
    'New connections a second; who comes faster is held back. Also for one listener, under listener.name.',
  'max.connections': 'Most connections this broker accepts.',
  'max.connections.per.ip': 'Most connections from one address.',
  'max.connections.per.ip.overrides':
    'Other bounds for single addresses, as address:count, comma-separated.',
  'controller.quorum.auto.join.enable': 'Whether a controller that is no voter makes itself one.',
  'request.timeout.ms': 'Longest wait for an answer from another node.',
  'socket.request.max.bytes': 'Largest request accepted; a larger one closes the connection.',
  // Brokers: replication and life cycle
  'broker.heartbeat.interval.ms': 'How often a broker tells the controller that it lives.',
  'broker.session.timeout.ms': 'Silence after which the controller fences a broker.',
  'controlled.shutdown.enable':
    'Whether a stopping broker hands its leaderships over before it ends.',
  'num.replica.fetchers': 'Connections to each leader for replication.',
  'replica.fetch.backoff.ms': 'Wait after a failed replication fetch.',
  'replica.fetch.max.bytes': 'Bytes asked for of each partition in a replication fetch.',
  'replica.fetch.min.bytes': 'Bytes a replication fetch waits for.',
  'replica.fetch.response.max.bytes': 'Bytes asked for in one whole replication fetch.',
  'replica.fetch.wait.max.ms': 'Longest wait of a replication fetch for new data.',
  'replica.lag.time.max.ms':
    'A follower that has not caught up for this long leaves the in-sync replicas.',
  'replica.socket.timeout.ms': 'Longest wait for an answer of a replication fetch.',
  // Brokers: groups and producers
  'group.initial.rebalance.delay.ms':
    'Wait for more members before the first rebalance of a group.',
  'group.max.session.timeout.ms': 'Longest session timeout a group member may ask for.',
  'group.max.size': 'Most members of a group.',
  'group.min.session.timeout.ms': 'Shortest session timeout a group member may ask for.',
  'offset.metadata.max.bytes': 'Largest text that may be kept with a committed offset.',
  'offsets.commit.timeout.ms': 'Longest wait for an offset commit to be replicated.',
  'offsets.retention.check.interval.ms': 'How often expired committed offsets are looked for.',
  'offsets.retention.minutes': 'How long committed offsets outlive the last member of a group.',
  'offsets.topic.num.partitions': 'Partitions of __consumer_offsets.',
  'offsets.topic.replication.factor': 'Replicas of __consumer_offsets.',
  'offsets.topic.segment.bytes': 'Segment size of __consumer_offsets.',
  'producer.id.expiration.ms': 'How long an idle producer is remembered for duplicate detection.',
  'transaction.state.log.min.isr': 'min.insync.replicas of __transaction_state.',
  'transaction.state.log.replication.factor': 'Replicas of __transaction_state.',
  'add.partitions.to.txn.retry.backoff.max.ms':
    'Longest wait before a refused addition to a transaction is tried again.',
  'add.partitions.to.txn.retry.backoff.ms':
    'First wait before a refused addition to a transaction is tried again.',
  'controller.quorum.fetch.max.bytes': 'Bytes asked for in one fetch inside the quorum.',
  'controller.quorum.fetch.snapshot.max.bytes':
    'Bytes of a metadata snapshot asked for in one fetch.',
  'controller.quorum.retry.backoff.ms':
    'Wait before a failed request inside the quorum is sent again.',
  'fetch.max.bytes': 'Bytes answered to one consumer fetch at most; its first batch comes whole.',
  'log.cleaner.backoff.ms': 'Wait of the cleaner when no log is dirty enough.',
  'log.cleaner.dedupe.buffer.size':
    'Memory for the map of keys to offsets, for all cleaner threads together; it grows as needed up to this.',
  'log.cleaner.io.buffer.load.factor':
    'How full the map of keys may get; the fuller, the more keys in one pass and the more time.',
  'log.cleaner.io.buffer.size': 'Memory for reading in the cleaner, for all its threads together.',
  'log.cleaner.io.max.bytes.per.second':
    'Bytes that the cleaner reads and writes a second, all its threads together.',
  'log.dir.failure.timeout.ms':
    'Longest time a broker waits for the controller to hear of a failed directory before it ends.',
  'log.initial.task.delay.ms': 'Time from the start to the first look at retention.',
  'max.incremental.fetch.session.cache.slots': 'Fetch sessions kept for consumers and followers.',
  'metadata.max.retention.bytes':
    'Size above which old snapshots and segments of the metadata log are dropped.',
  'metadata.max.retention.ms':
    'Age above which old snapshots and segments of the metadata log are dropped.',
  'producer.id.expiration.check.interval.ms': 'How often idle producers are looked for.',
  'replica.selector.class':
    'How a consumer finds the replica to read from: RackAwareReplicaSelector prefers one in its rack.',
  'replication.quota.window.num': 'Samples kept to measure throttled replication.',
  'replication.quota.window.size.seconds': 'Length of each sample of throttled replication.',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms':
    'How often transactions past their time-out are looked for and aborted.',
  'transaction.max.timeout.ms': 'Longest transaction time-out that a producer may ask for.',
  'transaction.partition.verification.enable':
    'Whether a partition asks the coordinator before it takes the first batch of a transaction.',
  'transaction.remove.expired.transaction.cleanup.interval.ms':
    'How often transactional ids that expired are looked for.',
  'transaction.state.log.num.partitions': 'Partitions of __transaction_state.',
  'transaction.state.log.segment.bytes': 'Segment size of __transaction_state.',
  'transaction.two.phase.commit.enable':
    'Whether producers may prepare transactions that never time out.',
  'transactional.id.expiration.ms': 'How long an idle transactional id is remembered.',
  // Eyrie
  'eyrie.broker.failure.detection':
    'Whether the controller notices a dead broker by refused connections, before its session ends.',
  'eyrie.cluster.id': 'The cluster id a new data directory is formatted with.',
  'eyrie.controlled.shutdown.timeout.ms': 'Longest time a stopping broker hands leaderships over.',
  'eyrie.jolokia.host': 'The address metrics are served on.',
  'eyrie.jolokia.port':
    'The port metrics are served on, as Jolokia (/jolokia) and Prometheus (/metrics) do; -1 none, 0 any free one.',
  'eyrie.log.level': 'The least severe lines that are logged.',
  'eyrie.tail.cache.bytes': 'Memory for recent batches, from which reads at the tail are served.',
}

/** Our sentence about `name`, '' when there is none. */
export function documentationOf(name: string): string {
  return SENTENCES[name] ?? withoutEffect(name) ?? ''
}
