// Which operation serves which API. Used by the controller's driver, and by whoever forwards. Pure.
import type { Api, Encodable } from '../../protocol/api.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import { AlterConfigs } from '../../protocol/schemas/33-alter-configs.ts'
import { CreatePartitions } from '../../protocol/schemas/37-create-partitions.ts'
import { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { AlterPartitionReassignments } from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from '../../protocol/schemas/46-list-partition-reassignments.ts'
import { AlterPartition } from '../../protocol/schemas/56-alter-partition.ts'
import { UpdateFeatures } from '../../protocol/schemas/57-update-features.ts'
import { BrokerRegistration } from '../../protocol/schemas/62-broker-registration.ts'
import { BrokerHeartbeat } from '../../protocol/schemas/63-broker-heartbeat.ts'
import { UnregisterBroker } from '../../protocol/schemas/64-unregister-broker.ts'
import { AllocateProducerIds } from '../../protocol/schemas/67-allocate-producer-ids.ts'
import { ControllerRegistration } from '../../protocol/schemas/70-controller-registration.ts'
import { AssignReplicasToDirs } from '../../protocol/schemas/73-assign-replicas-to-dirs.ts'
import { alterPartition } from './alter-partition.ts'
import { brokerHeartbeat, registerBroker, unregisterBroker } from './brokers.ts'
import { alterConfigs, incrementalAlterConfigs } from './configs.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'
import { assignReplicasToDirs } from './directories.ts'
import { electLeaders } from './elections.ts'
import { registerController, updateFeatures } from './features.ts'
import { createPartitions } from './partitions.ts'
import { allocateProducerIds } from './producer-ids.ts'
import { alterPartitionReassignments, listPartitionReassignments } from './reassignments.ts'
import { createTopics, deleteTopics } from './topics.ts'

interface Operation<Request, Response> {
  readonly api: Api<Request, Response>
  run(
    state: ControllerState,
    request: Request,
    version: number,
  ): ControllerResult<Encodable<Response>>
}

function operation<Request, Response>(
  entry: Operation<Request, Response>,
): [number, Operation<never, unknown>] {
  // Safe because `find` hands an operation only requests and responses of the API it is filed under.
  return [entry.api.key, entry as unknown as Operation<never, unknown>]
}

const operations: ReadonlyMap<number, Operation<never, unknown>> = new Map([
  operation({ api: CreateTopics, run: createTopics }),
  operation({ api: DeleteTopics, run: deleteTopics }),
  operation({ api: AlterConfigs, run: alterConfigs }),
  operation({ api: CreatePartitions, run: createPartitions }),
  operation({ api: ElectLeaders, run: electLeaders }),
  operation({ api: IncrementalAlterConfigs, run: incrementalAlterConfigs }),
  operation({ api: AlterPartitionReassignments, run: alterPartitionReassignments }),
  operation({ api: ListPartitionReassignments, run: listPartitionReassignments }),
  operation({ api: AlterPartition, run: alterPartition }),
  operation({ api: UpdateFeatures, run: updateFeatures }),
  operation({ api: BrokerRegistration, run: registerBroker }),
  operation({ api: BrokerHeartbeat, run: brokerHeartbeat }),
  operation({ api: UnregisterBroker, run: unregisterBroker }),
  operation({ api: AllocateProducerIds, run: allocateProducerIds }),
  operation({ api: ControllerRegistration, run: registerController }),
  operation({ api: AssignReplicasToDirs, run: assignReplicasToDirs }),
])

function find<Request, Response>(
  api: Api<Request, Response>,
): Operation<Request, Response> | undefined {
  return operations.get(api.key) as unknown as Operation<Request, Response> | undefined
}

/** Throws KafkaError when the whole request fails. */
export function runRequest<Request, Response>(
  state: ControllerState,
  api: Api<Request, Response>,
  given: { request: Request; version: number },
): ControllerResult<Encodable<Response>> {
  const found = find(api)
  if (found === undefined) throw new Error(`the controller does not serve ${api.name}`)
  return found.run(state, given.request, given.version)
}
