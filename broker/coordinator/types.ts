// What api/ asks of the coordinators; requests and responses are the protocol's own shapes. Implemented by
// broker/coordinator/group/ and broker/coordinator/transaction/. Every call resolves (errors are codes inside).

import type { Encodable } from '../../protocol/api.ts'
import type {
  OffsetCommitRequest,
  OffsetCommitResponse,
} from '../../protocol/schemas/08-offset-commit.ts'
import type {
  OffsetFetchRequest,
  OffsetFetchResponse,
} from '../../protocol/schemas/09-offset-fetch.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/schemas/11-join-group.ts'
import type { HeartbeatRequest, HeartbeatResponse } from '../../protocol/schemas/12-heartbeat.ts'
import type {
  LeaveGroupRequest,
  LeaveGroupResponse,
} from '../../protocol/schemas/13-leave-group.ts'
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/schemas/14-sync-group.ts'
import type {
  DescribeGroupsRequest,
  DescribeGroupsResponse,
} from '../../protocol/schemas/15-describe-groups.ts'
import type {
  ListGroupsRequest,
  ListGroupsResponse,
} from '../../protocol/schemas/16-list-groups.ts'
import type {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from '../../protocol/schemas/22-init-producer-id.ts'
import type {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../protocol/schemas/24-add-partitions-to-txn.ts'
import type {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from '../../protocol/schemas/25-add-offsets-to-txn.ts'
import type { EndTxnRequest, EndTxnResponse } from '../../protocol/schemas/26-end-txn.ts'
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../protocol/schemas/28-txn-offset-commit.ts'
import type {
  DeleteGroupsRequest,
  DeleteGroupsResponse,
} from '../../protocol/schemas/42-delete-groups.ts'
import type {
  OffsetDeleteRequest,
  OffsetDeleteResponse,
} from '../../protocol/schemas/47-offset-delete.ts'
import type {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from '../../protocol/schemas/65-describe-transactions.ts'
import type {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../protocol/schemas/66-list-transactions.ts'
import type { RequestContext } from '../network/types.ts'

export interface GroupCoordinator {
  /** Partition of `__consumer_offsets` that keeps this group: abs(Java hashCode) % partitionCount. */
  partitionFor(groupId: string): number
  join(context: RequestContext, request: JoinGroupRequest): Promise<Encodable<JoinGroupResponse>>
  sync(context: RequestContext, request: SyncGroupRequest): Promise<Encodable<SyncGroupResponse>>
  heartbeat(
    context: RequestContext,
    request: HeartbeatRequest,
  ): Promise<Encodable<HeartbeatResponse>>
  leave(context: RequestContext, request: LeaveGroupRequest): Promise<Encodable<LeaveGroupResponse>>
  commitOffsets(
    context: RequestContext,
    request: OffsetCommitRequest,
  ): Promise<Encodable<OffsetCommitResponse>>
  /** Offsets of an open transaction: pending until its marker comes. Written as a transactional batch. */
  commitTxnOffsets(
    context: RequestContext,
    request: TxnOffsetCommitRequest,
  ): Promise<Encodable<TxnOffsetCommitResponse>>
  /**
   * The marker of `producerId` at `markerOffset` of partition `partition` of `__consumer_offsets` is
   * committed: the pending offsets in front of it become visible, or are dropped. Call it before the marker is
   * reported as written. Nothing happens where this broker does not coordinate the partition: loading it
   * reads the marker.
   */
  completeTransaction(
    producerId: number,
    partition: number,
    isCommitted: boolean,
    markerOffset: number,
  ): void
  fetchOffsets(
    context: RequestContext,
    request: OffsetFetchRequest,
  ): Promise<Encodable<OffsetFetchResponse>>
  describe(
    context: RequestContext,
    request: DescribeGroupsRequest,
  ): Promise<Encodable<DescribeGroupsResponse>>
  list(context: RequestContext, request: ListGroupsRequest): Promise<Encodable<ListGroupsResponse>>
  delete(
    context: RequestContext,
    request: DeleteGroupsRequest,
  ): Promise<Encodable<DeleteGroupsResponse>>
  deleteOffsets(
    context: RequestContext,
    request: OffsetDeleteRequest,
  ): Promise<Encodable<OffsetDeleteResponse>>
  shutdown(): Promise<void>
}

export interface TransactionCoordinator {
  /** Partition of `__transaction_state` that keeps this id: abs(Java hashCode) % partitionCount. */
  partitionFor(transactionalId: string): number
  /** With and without a transactional id. */
  initProducerId(
    context: RequestContext,
    request: InitProducerIdRequest,
  ): Promise<Encodable<InitProducerIdResponse>>
  /** `verifyOnly` entries ask without adding (KIP-890); a verified partition is error NONE. */
  addPartitions(
    context: RequestContext,
    request: AddPartitionsToTxnRequest,
  ): Promise<Encodable<AddPartitionsToTxnResponse>>
  addOffsets(
    context: RequestContext,
    request: AddOffsetsToTxnRequest,
  ): Promise<Encodable<AddOffsetsToTxnResponse>>
  endTransaction(
    context: RequestContext,
    request: EndTxnRequest,
  ): Promise<Encodable<EndTxnResponse>>
  describe(
    context: RequestContext,
    request: DescribeTransactionsRequest,
  ): Promise<Encodable<DescribeTransactionsResponse>>
  list(
    context: RequestContext,
    request: ListTransactionsRequest,
  ): Promise<Encodable<ListTransactionsResponse>>
  shutdown(): Promise<void>
}
