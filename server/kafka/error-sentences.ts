import type { ErrorName } from '../../protocol/errors.ts'

/** What happened and what to do, where a broker sends only a number. */
const SENTENCES: Partial<Record<ErrorName, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'there is no such topic or partition',
  LEADER_NOT_AVAILABLE: 'the partition has no leader at the moment: try again shortly',
  NOT_LEADER_OR_FOLLOWER: 'the leader has just moved: try again',
  OFFSET_OUT_OF_RANGE: 'the offset is outside the log',
  REQUEST_TIMED_OUT: 'the broker did not finish in time; it may still do so',
  NOT_CONTROLLER: 'the controller has just moved: try again',
  MESSAGE_TOO_LARGE: 'the message is larger than the topic allows (max.message.bytes)',
  NOT_ENOUGH_REPLICAS: 'fewer replicas are in sync than min.insync.replicas asks for',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    'written, but fewer replicas are in sync than min.insync.replicas asks for',
  COORDINATOR_LOAD_IN_PROGRESS: 'the group’s coordinator is still loading: try again shortly',
  COORDINATOR_NOT_AVAILABLE: 'the group has no coordinator at the moment: try again shortly',
  NOT_COORDINATOR: 'the group’s coordinator has just moved: try again',
  INVALID_TOPIC_EXCEPTION: 'the topic’s name is not allowed, or it is an internal topic',
  INVALID_RECORD: 'the topic does not take this record; a compacted topic needs a key',
  TOPIC_ALREADY_EXISTS: 'a topic of that name exists already',
  INVALID_PARTITIONS: 'this number of partitions is not possible',
  INVALID_REPLICATION_FACTOR: 'there are not enough brokers for this replication factor',
  INVALID_CONFIG: 'the value does not fit the config',
  POLICY_VIOLATION: 'the topic’s cleanup policy does not let records be deleted',
  UNKNOWN_MEMBER_ID: 'the group has members: stop them first',
  REBALANCE_IN_PROGRESS: 'the group is rebalancing: try again shortly',
  NON_EMPTY_GROUP: 'the group still has members: stop them first',
  GROUP_ID_NOT_FOUND: 'there is no such group',
  GROUP_SUBSCRIBED_TO_TOPIC: 'the group is subscribed to the topic',
  TOPIC_AUTHORIZATION_FAILED: 'the cluster does not let this console do that to the topic',
  GROUP_AUTHORIZATION_FAILED: 'the cluster does not let this console do that to the group',
  CLUSTER_AUTHORIZATION_FAILED: 'the cluster does not let this console do that',
  PREFERRED_LEADER_NOT_AVAILABLE: 'the preferred replica is down or not in sync',
  ELECTION_NOT_NEEDED: 'the preferred replica leads already',
  TOPIC_DELETION_DISABLED: 'the cluster does not delete topics (delete.topic.enable)',
  REASSIGNMENT_IN_PROGRESS: 'replicas of the topic are being moved',
  UNSUPPORTED_VERSION: 'the broker is too old for this',
  KAFKA_STORAGE_ERROR: 'the broker cannot use its disk',
}

/** Null where Kafka's name has to do. */
export function sentenceOf(name: ErrorName): string | null {
  return SENTENCES[name] ?? null
}
