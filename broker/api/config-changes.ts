// What the broker that was asked checks of a configuration change before the controller sees it: duplicates,
// missing values, and whether this broker can take its own new settings while it runs. Pure.
import { ErrorCode } from '../../protocol/errors.ts'
import { brokerConfigs, validateDynamicBrokerConfigs } from '../config/definitions.ts'
import { type ConfigOwner, overridesOf } from '../config/effective.ts'
import { validateReconfiguration } from '../config/reconfiguration.ts'
import { type ConfigChange, ConfigOperation, ResourceType } from '../controller/configs.ts'
import { type ApiError, apiError, errorOf, failure } from '../controller/errors.ts'
import type { MetadataImage } from '../metadata/image-types.ts'

/** The broker that was asked, and the configurations it knows of. */
export interface AskedBroker extends ConfigOwner {
  readonly image: Pick<MetadataImage, 'configs'>
}

export interface ChangedResource {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: readonly { name: string; value: string | null; configOperation?: number }[]
}

/** Errors of those resources that go no further, by their place in `resources`. */
export function checkResources(
  resources: readonly ChangedResource[],
  broker: AskedBroker,
): ReadonlyMap<number, ApiError> {
  const errors = new Map<number, ApiError>()
  const isSame = (a: ChangedResource, b: ChangedResource) =>
    a.resourceType === b.resourceType && a.resourceName === b.resourceName
  resources.forEach((resource, index) => {
    const isRepeated = resources.some((other) => other !== resource && isSame(other, resource))
    const error = isRepeated
      ? apiError(ErrorCode.INVALID_REQUEST, 'Each resource must appear at most once.')
      : errorOf(() => checkResource(resource, broker))
    if (error.code !== ErrorCode.NONE) errors.set(index, error)
  })
  return errors
}

function invalid(message: string) {
  return failure(ErrorCode.INVALID_REQUEST, message)
}

function checkResource(resource: ChangedResource, broker: AskedBroker): void {
  const { resourceType, resourceName, configs } = resource
  const names = configs.map(({ name }) => name)
  if (new Set(names).size !== names.length) throw invalid('Error due to duplicate config keys')
  const missing = configs.filter(
    ({ value, configOperation }) => value === null && configOperation !== ConfigOperation.DELETE,
  )
  if (missing.length > 0) {
    const list = missing.map(({ name }) => name).join(', ')
    throw invalid(`Null value not supported for : ${list}`)
  }
  switch (resourceType) {
    case ResourceType.TOPIC:
    case ResourceType.CLIENT_METRICS:
    case ResourceType.GROUP:
      return
    case ResourceType.BROKER:
      checkBrokerName(resourceName, broker.nodeId)
      checkBrokerChange(resource, broker)
      return
    default:
      throw invalid(`Unknown resource type ${resourceType}`)
  }
}

function checkBrokerName(name: string, nodeId: number): void {
  if (name === '') return
  if (!/^[+-]?\d+$/.test(name)) throw invalid(`Node id must be an integer, but it is: ${name}`)
  if (Number(name) !== nodeId) {
    throw invalid(`Unexpected broker id, expected ${nodeId}, but received ${name}`)
  }
}

function checkBrokerChange(
  { resourceName, configs }: ChangedResource,
  { image, ...owner }: AskedBroker,
): void {
  const isIncremental = configs.some(({ configOperation }) => configOperation !== undefined)
  const present = overridesOf(image, ResourceType.BROKER, resourceName)
  const next = new Map(isIncremental ? present : [])
  for (const { name, value, configOperation = ConfigOperation.SET } of configs) {
    applyChange(next, { name, value, configOperation })
  }
  const refusal = validateDynamicBrokerConfigs(next, resourceName === '')
  if (refusal !== null) throw invalid(refusal)
  const nextConfigs = new Map([...image.configs, [`${ResourceType.BROKER}:${resourceName}`, next]])
  const asWhole = validateReconfiguration(owner, image, { configs: nextConfigs })
  if (asWhole !== null) throw invalid(asWhole)
}

function applyChange(configs: Map<string, string>, change: ConfigChange): void {
  const { name, value, configOperation } = change
  if (configOperation === ConfigOperation.DELETE) {
    configs.delete(name)
    return
  }
  if (configOperation === ConfigOperation.SET) {
    configs.set(name, value ?? '')
    return
  }
  const isAppend = configOperation === ConfigOperation.APPEND
  if (!isAppend && configOperation !== ConfigOperation.SUBTRACT) {
    throw invalid(`Unknown operations type ${configOperation}`)
  }
  const definition = brokerConfigs.get(name)
  if (definition?.type !== 'LIST') {
    const verb = isAppend ? 'append' : 'subtract'
    const message = `Config value ${verb} is not allowed for config key: ${name}`
    throw failure(ErrorCode.INVALID_CONFIG, message)
  }
  const items = (configs.get(name) ?? definition.defaultValue ?? '').split(',').filter(Boolean)
  const given = (value ?? '').split(',')
  const next = isAppend
    ? [...items, ...given.filter((item) => !items.includes(item))]
    : items.filter((item) => !given.includes(item))
  configs.set(name, next.join(','))
}

type Answer = ApiError & { readonly resourceType: number; readonly resourceName: string }

/** One answer a resource, in the order asked: refused here, or what the controller said. */
export function assembleAnswers(
  resources: readonly ChangedResource[],
  errors: ReadonlyMap<number, ApiError>,
  answered: readonly {
    resourceType: number
    resourceName: string
    errorCode: number
    errorMessage: string | null
  }[],
): Answer[] {
  return resources.map(({ resourceType, resourceName }, index) => {
    const answer = answered.find(
      (entry) => entry.resourceType === resourceType && entry.resourceName === resourceName,
    )
    const told =
      answer === undefined
        ? apiError(ErrorCode.UNKNOWN_SERVER_ERROR)
        : apiError(answer.errorCode, answer.errorMessage)
    return { ...(errors.get(index) ?? told), resourceType, resourceName }
  })
}
