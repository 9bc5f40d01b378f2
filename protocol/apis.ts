// Every API of the protocol by key. A schema file is added here when it is written.
import type { AnyApi } from './api.ts'
import { Produce } from './schemas/00-produce.ts'
import { Fetch } from './schemas/01-fetch.ts'
import { ListOffsets } from './schemas/02-list-offsets.ts'
import { Metadata } from './schemas/03-metadata.ts'
import { OffsetCommit } from './schemas/08-offset-commit.ts'
import { OffsetFetch } from './schemas/09-offset-fetch.ts'
import { FindCoordinator } from './schemas/10-find-coordinator.ts'
import { JoinGroup } from './schemas/11-join-group.ts'
import { Heartbeat } from './schemas/12-heartbeat.ts'
import { LeaveGroup } from './schemas/13-leave-group.ts'
import { SyncGroup } from './schemas/14-sync-group.ts'
import { DescribeGroups } from './schemas/15-describe-groups.ts'
import { ListGroups } from './schemas/16-list-groups.ts'
import { SaslHandshake } from './schemas/17-sasl-handshake.ts'
import { ApiVersions } from './schemas/18-api-versions.ts'
import { CreateTopics } from './schemas/19-create-topics.ts'
import { DeleteTopics } from './schemas/20-delete-topics.ts'
import { DeleteRecords } from './schemas/21-delete-records.ts'
import { InitProducerId } from './schemas/22-init-producer-id.ts'
import { OffsetForLeaderEpoch } from './schemas/23-offset-for-leader-epoch.ts'
import { AddPartitionsToTxn } from './schemas/24-add-partitions-to-txn.ts'
import { AddOffsetsToTxn } from './schemas/25-add-offsets-to-txn.ts'
import { EndTxn } from './schemas/26-end-txn.ts'
import { WriteTxnMarkers } from './schemas/27-write-txn-markers.ts'
import { TxnOffsetCommit } from './schemas/28-txn-offset-commit.ts'
import { DescribeAcls } from './schemas/29-describe-acls.ts'
import { CreateAcls } from './schemas/30-create-acls.ts'
import { DeleteAcls } from './schemas/31-delete-acls.ts'
import { DescribeConfigs } from './schemas/32-describe-configs.ts'
import { AlterConfigs } from './schemas/33-alter-configs.ts'
import { AlterReplicaLogDirs } from './schemas/34-alter-replica-log-dirs.ts'
import { DescribeLogDirs } from './schemas/35-describe-log-dirs.ts'
import { SaslAuthenticate } from './schemas/36-sasl-authenticate.ts'
import { CreatePartitions } from './schemas/37-create-partitions.ts'
import { CreateDelegationToken } from './schemas/38-create-delegation-token.ts'
import { RenewDelegationToken } from './schemas/39-renew-delegation-token.ts'
import { ExpireDelegationToken } from './schemas/40-expire-delegation-token.ts'
import { DescribeDelegationToken } from './schemas/41-describe-delegation-token.ts'
import { DeleteGroups } from './schemas/42-delete-groups.ts'
import { ElectLeaders } from './schemas/43-elect-leaders.ts'
import { IncrementalAlterConfigs } from './schemas/44-incremental-alter-configs.ts'
import { AlterPartitionReassignments } from './schemas/45-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from './schemas/46-list-partition-reassignments.ts'
import { OffsetDelete } from './schemas/47-offset-delete.ts'
import { DescribeClientQuotas } from './schemas/48-describe-client-quotas.ts'
import { AlterClientQuotas } from './schemas/49-alter-client-quotas.ts'
import { DescribeUserScramCredentials } from './schemas/50-describe-user-scram-credentials.ts'
import { AlterUserScramCredentials } from './schemas/51-alter-user-scram-credentials.ts'
import { Vote } from './schemas/52-vote.ts'
import { BeginQuorumEpoch } from './schemas/53-begin-quorum-epoch.ts'
import { EndQuorumEpoch } from './schemas/54-end-quorum-epoch.ts'
import { DescribeQuorum } from './schemas/55-describe-quorum.ts'
import { AlterPartition } from './schemas/56-alter-partition.ts'
import { UpdateFeatures } from './schemas/57-update-features.ts'
import { Envelope } from './schemas/58-envelope.ts'
import { FetchSnapshot } from './schemas/59-fetch-snapshot.ts'
import { DescribeCluster } from './schemas/60-describe-cluster.ts'
import { DescribeProducers } from './schemas/61-describe-producers.ts'
import { BrokerRegistration } from './schemas/62-broker-registration.ts'
import { BrokerHeartbeat } from './schemas/63-broker-heartbeat.ts'
import { UnregisterBroker } from './schemas/64-unregister-broker.ts'
import { DescribeTransactions } from './schemas/65-describe-transactions.ts'
import { ListTransactions } from './schemas/66-list-transactions.ts'
import { AllocateProducerIds } from './schemas/67-allocate-producer-ids.ts'
import { ConsumerGroupHeartbeat } from './schemas/68-consumer-group-heartbeat.ts'
import { ConsumerGroupDescribe } from './schemas/69-consumer-group-describe.ts'
import { ControllerRegistration } from './schemas/70-controller-registration.ts'
import { GetTelemetrySubscriptions } from './schemas/71-get-telemetry-subscriptions.ts'
import { PushTelemetry } from './schemas/72-push-telemetry.ts'
import { AssignReplicasToDirs } from './schemas/73-assign-replicas-to-dirs.ts'
import { ListConfigResources } from './schemas/74-list-config-resources.ts'
import { DescribeTopicPartitions } from './schemas/75-describe-topic-partitions.ts'
import { ShareGroupHeartbeat } from './schemas/76-share-group-heartbeat.ts'
import { ShareGroupDescribe } from './schemas/77-share-group-describe.ts'
import { ShareFetch } from './schemas/78-share-fetch.ts'
import { ShareAcknowledge } from './schemas/79-share-acknowledge.ts'
import { AddRaftVoter } from './schemas/80-add-raft-voter.ts'
import { RemoveRaftVoter } from './schemas/81-remove-raft-voter.ts'
import { UpdateRaftVoter } from './schemas/82-update-raft-voter.ts'
import { InitializeShareGroupState } from './schemas/83-initialize-share-group-state.ts'
import { ReadShareGroupState } from './schemas/84-read-share-group-state.ts'
import { WriteShareGroupState } from './schemas/85-write-share-group-state.ts'
import { DeleteShareGroupState } from './schemas/86-delete-share-group-state.ts'
import { ReadShareGroupStateSummary } from './schemas/87-read-share-group-state-summary.ts'
import { StreamsGroupHeartbeat } from './schemas/88-streams-group-heartbeat.ts'
import { StreamsGroupDescribe } from './schemas/89-streams-group-describe.ts'
import { DescribeShareGroupOffsets } from './schemas/90-describe-share-group-offsets.ts'
import { AlterShareGroupOffsets } from './schemas/91-alter-share-group-offsets.ts'
import { DeleteShareGroupOffsets } from './schemas/92-delete-share-group-offsets.ts'

/** In order of key. */
export const allApis: readonly AnyApi[] = [
  Produce,
  Fetch,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  FindCoordinator,
  JoinGroup,
  Heartbeat,
  LeaveGroup,
  SyncGroup,
  DescribeGroups,
  ListGroups,
  SaslHandshake,
  ApiVersions,
  CreateTopics,
  DeleteTopics,
  DeleteRecords,
  InitProducerId,
  OffsetForLeaderEpoch,
  AddPartitionsToTxn,
  AddOffsetsToTxn,
  EndTxn,
  WriteTxnMarkers,
  TxnOffsetCommit,
  DescribeAcls,
  CreateAcls,
  DeleteAcls,
  DescribeConfigs,
  AlterConfigs,
  AlterReplicaLogDirs,
  DescribeLogDirs,
  SaslAuthenticate,
  CreatePartitions,
  CreateDelegationToken,
  RenewDelegationToken,
  ExpireDelegationToken,
  DescribeDelegationToken,
  DeleteGroups,
  ElectLeaders,
  IncrementalAlterConfigs,
  AlterPartitionReassignments,
  ListPartitionReassignments,
  OffsetDelete,
  DescribeClientQuotas,
  AlterClientQuotas,
  DescribeUserScramCredentials,
  AlterUserScramCredentials,
  Vote,
  BeginQuorumEpoch,
  EndQuorumEpoch,
  DescribeQuorum,
  AlterPartition,
  UpdateFeatures,
  Envelope,
  FetchSnapshot,
  DescribeCluster,
  DescribeProducers,
  BrokerRegistration,
  BrokerHeartbeat,
  UnregisterBroker,
  DescribeTransactions,
  ListTransactions,
  AllocateProducerIds,
  ConsumerGroupHeartbeat,
  ConsumerGroupDescribe,
  ControllerRegistration,
  GetTelemetrySubscriptions,
  PushTelemetry,
  AssignReplicasToDirs,
  ListConfigResources,
  DescribeTopicPartitions,
  ShareGroupHeartbeat,
  ShareGroupDescribe,
  ShareFetch,
  ShareAcknowledge,
  AddRaftVoter,
  RemoveRaftVoter,
  UpdateRaftVoter,
  InitializeShareGroupState,
  ReadShareGroupState,
  WriteShareGroupState,
  DeleteShareGroupState,
  ReadShareGroupStateSummary,
  StreamsGroupHeartbeat,
  StreamsGroupDescribe,
  DescribeShareGroupOffsets,
  AlterShareGroupOffsets,
  DeleteShareGroupOffsets,
]

const byKey = new Map(allApis.map((entry) => [entry.key, entry]))

/** null for a key that Kafka 4.3 does not know. */
export function findApi(key: number): AnyApi | null {
  return byKey.get(key) ?? null
}
