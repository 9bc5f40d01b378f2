// Which operation serves which API, and how a whole request that failed is answered. Used by the controller's
// driver, by the envelope handler and by brokers whose request could not reach a controller. Pure.
import type { Api, Encodable, RequestOf, ResponseOf } from '../../protocol/api.ts'
import type { KafkaError } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { DeleteTopics } from '../../protocol/schemas/20-delete-topics.ts'
import { AlterConfigs } from '../../protocol/schemas/33-alter-configs.ts'
import { CreatePartitions } from '../../protocol/schemas/37-create-partitions.ts'
import { ElectLeaders } from '../../protocol/schemas/43-elect-leaders.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
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
import { createTopics, deleteTopics } from './topics.ts'

interface Operation<Request, Response> {
  readonly api: Api<Request, Response>
  run(
    state: ControllerState,
    request: Request,
    version: number,
  ): ControllerResult<Encodable<Response>>
  fail(request: Request, error: KafkaError): Encodable<Response>
}

const byCode = (_request: unknown, error: KafkaError) => ({ errorCode: error.code })
const byCodeAndMessage = (_request: unknown, error: KafkaError) => ({
  errorCode: error.code,
  errorMessage: error.message,
})

function failedResources(
  request: RequestOf<typeof AlterConfigs> | RequestOf<typeof IncrementalAlterConfigs>,
  error: KafkaError,
) {
  return {
    responses: request.resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode: error.code,
      errorMessage: error.message,
    })),
  }
}

function failedTopics(
  request: RequestOf<typeof CreateTopics>,
  error: KafkaError,
): Encodable<ResponseOf<typeof CreateTopics>> {
  const told = { errorCode: error.code, errorMessage: error.message }
  return { topics: request.topics.map(({ name }) => ({ name, ...told })) }
}

function failedDeletions(
  request: RequestOf<typeof DeleteTopics>,
  error: KafkaError,
): Encodable<ResponseOf<typeof DeleteTopics>> {
  const told = { errorCode: error.code, errorMessage: error.message }
  const named = request.topicNames.map((name) => ({ name, ...told }))
  const asked = request.topics.map(({ name, topicId }) => ({ name, topicId, ...told }))
  return { responses: [...named, ...asked] }
}

function operation<Request, Response>(
  entry: Operation<Request, Response>,
): [number, Operation<never, unknown>] {
  // Safe because `find` hands an operation only requests and responses of the API it is filed under.
  return [entry.api.key, entry as unknown as Operation<never, unknown>]
}

const operations: ReadonlyMap<number, Operation<never, unknown>> = new Map([
  operation({ api: CreateTopics, run: createTopics, fail: failedTopics }),
  operation({ api: DeleteTopics, run: deleteTopics, fail: failedDeletions }),
  operation({ api: AlterConfigs, run: alterConfigs, fail: failedResources }),
  operation({
    api: CreatePartitions,
    run: createPartitions,
    fail: (request, error) => ({
      results: request.topics.map(({ name }) => ({ name, ...byCodeAndMessage(request, error) })),
    }),
  }),
  operation({ api: ElectLeaders, run: electLeaders, fail: byCode }),
  operation({ api: IncrementalAlterConfigs, run: incrementalAlterConfigs, fail: failedResources }),
  operation({ api: AlterPartition, run: alterPartition, fail: byCode }),
  operation({ api: UpdateFeatures, run: updateFeatures, fail: byCodeAndMessage }),
  operation({ api: BrokerRegistration, run: registerBroker, fail: byCode }),
  operation({ api: BrokerHeartbeat, run: brokerHeartbeat, fail: byCode }),
  operation({ api: UnregisterBroker, run: unregisterBroker, fail: byCodeAndMessage }),
  operation({ api: AllocateProducerIds, run: allocateProducerIds, fail: byCode }),
  operation({ api: ControllerRegistration, run: registerController, fail: byCodeAndMessage }),
  operation({ api: AssignReplicasToDirs, run: assignReplicasToDirs, fail: byCode }),
])

function find<Request, Response>(
  api: Api<Request, Response>,
): Operation<Request, Response> | undefined {
  return operations.get(api.key) as unknown as Operation<Request, Response> | undefined
}

export function isControllerApi(apiKey: number): boolean {
  return operations.has(apiKey)
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

/** The response that tells `error` in the API's own way. */
export function failedResponse<Request, Response>(
  api: Api<Request, Response>,
  request: Request,
  error: KafkaError,
): Encodable<Response> {
  const found = find(api)
  if (found === undefined) throw error
  return found.fail(request, error)
}
