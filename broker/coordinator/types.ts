// What api/ asks of the group coordinator; requests and responses are the protocol's own shapes.
// Implemented by broker/coordinator/group/. Every call resolves (errors are codes inside the response).

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
  DeleteGroupsRequest,
  DeleteGroupsResponse,
} from '../../protocol/schemas/42-delete-groups.ts'
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
  shutdown(): Promise<void>
}
