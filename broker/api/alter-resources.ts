// The two configuration changes in common: checked here, then forwarded, and the answers put together again.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type { AlterConfigs, AlterConfigsRequest } from '../../protocol/schemas/33-alter-configs.ts'
import type {
  IncrementalAlterConfigs,
  IncrementalAlterConfigsRequest,
} from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { ResourceType } from '../controller/configs.ts'
import { type ApiError, apiError } from '../controller/errors.ts'
import type { RequestContext } from '../network/types.ts'
import { assembleAnswers, type ChangedResource, checkResources } from './config-changes.ts'
import { forwardToController, mayOnCluster } from './forward.ts'
import type { BrokerServices } from './types.ts'

type AlterApi = typeof AlterConfigs | typeof IncrementalAlterConfigs
type AlterRequest = AlterConfigsRequest | IncrementalAlterConfigsRequest

interface AlterResponse {
  responses: {
    errorCode: number
    errorMessage: string | null
    resourceType: number
    resourceName: string
  }[]
}

export async function alterResources(
  services: BrokerServices,
  context: RequestContext,
  api: AlterApi,
  request: AlterRequest,
): Promise<AlterResponse> {
  const { resources } = request
  const { image } = services.metadata
  const { nodeId, staticConfigs } = services.config
  const errors = new Map(checkResources(resources, { nodeId, staticConfigs, image }))
  resources.forEach((resource, index) => {
    const refusal = refusalOf(services, context, resource)
    if (refusal !== null && !errors.has(index)) errors.set(index, refusal)
  })
  const forwarded = (resources as ChangedResource[]).filter((_, index) => !errors.has(index))
  // Safe because both requests differ only in what a change may say, and these are the request's own.
  const asked = { ...request, resources: forwarded } as Encodable<AlterConfigsRequest>
  const answered: AlterResponse =
    forwarded.length === 0
      ? { responses: [] }
      : await forwardToController(services, context, api as typeof AlterConfigs, asked)
  const answers = assembleAnswers(resources, errors, answered.responses)
  return {
    responses: answers.map(({ code, message, resourceType, resourceName }) => ({
      errorCode: code,
      errorMessage: message,
      resourceType,
      resourceName,
    })),
  }
}

function refusalOf(
  services: BrokerServices,
  context: RequestContext,
  { resourceType, resourceName }: ChangedResource,
): ApiError | null {
  const operation = 'ALTER_CONFIGS'
  if (resourceType === ResourceType.TOPIC) {
    const may = services.authorize(context, operation, 'TOPIC', resourceName)
    return may ? null : apiError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  }
  if (resourceType === ResourceType.GROUP) {
    const may = services.authorize(context, operation, 'GROUP', resourceName)
    return may ? null : apiError(ErrorCode.GROUP_AUTHORIZATION_FAILED)
  }
  const may = mayOnCluster(services, context, operation)
  return may ? null : apiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
}
