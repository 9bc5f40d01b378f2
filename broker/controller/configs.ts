// Dynamic configuration: IncrementalAlterConfigs, the legacy AlterConfigs (which replaces everything), the
// configuration of new topics, and what the controller itself reads of it. A resource is changed as a whole or
// not at all. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type { CreateTopicsResponse } from '../../protocol/schemas/19-create-topics.ts'
import type {
  AlterConfigsRequest,
  AlterConfigsResponse,
} from '../../protocol/schemas/33-alter-configs.ts'
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from '../../protocol/schemas/44-incremental-alter-configs.ts'
import {
  brokerConfigs,
  type ConfigDefinition,
  groupConfigs,
  topicConfigs,
  validateGroupConfig,
  validateTopicConfigs,
} from '../config/definitions.ts'
import {
  ConfigSource,
  effectiveTopicConfig,
  overridesOf,
  topicConfigSynonyms,
} from '../config/effective.ts'
import { ELR_FEATURE, MIN_ISR_CONFIG } from '../metadata/bootstrap.ts'
import { configKey } from '../metadata/image.ts'
import type { MetadataImage } from '../metadata/image-types.ts'
import { createRecord, type MetadataRecord } from '../metadata/records.ts'
import type { ControllerResult, ControllerSettings, ControllerState } from './controller-state.ts'
import { apiError, errorOf, failure } from './errors.ts'
import { topicNameError } from './topic-names.ts'

export const ResourceType = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const

export const ConfigOperation = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const

const OPERATION_NAMES = ['SET', 'DELETE', 'APPEND', 'SUBTRACT']

type AnyRequest = AlterConfigsRequest | IncrementalAlterConfigsRequest
type Reply = Encodable<AlterConfigsResponse & IncrementalAlterConfigsResponse>

export interface ConfigChange {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

export function incrementalAlterConfigs(
  state: ControllerState,
  request: IncrementalAlterConfigsRequest,
): ControllerResult<Reply> {
  return alterEach(state, request, (resource) => {
    const current = currentConfigs(state.image, resource)
    return changedConfigs(resource.resourceType, current, resource.configs)
  })
}

export function alterConfigs(
  state: ControllerState,
  request: AlterConfigsRequest,
): ControllerResult<Reply> {
  return alterEach(state, request, ({ configs }) => {
    const next = new Map<string, string>()
    for (const { name, value } of configs) if (value !== null) next.set(name, value)
    return next
  })
}

interface Resource {
  readonly resourceType: number
  readonly resourceName: string
}

function alterEach<Request extends AnyRequest>(
  state: ControllerState,
  request: Request,
  nextConfigs: (resource: Request['resources'][number]) => ReadonlyMap<string, string>,
): ControllerResult<Reply> {
  const records: MetadataRecord[] = []
  const seen = new Set<string>()
  const responses = request.resources.map((resource: Request['resources'][number]) => {
    const { resourceType, resourceName } = resource
    const key = configKey(resourceType, resourceName)
    const error = seen.has(key)
      ? apiError(ErrorCode.INVALID_REQUEST, 'Duplicate resource.')
      : errorOf(() => {
          const next = nextConfigs(resource)
          const asked = resource.configs.map(({ name }) => name)
          if (asked.includes(MIN_ISR_CONFIG)) checkBrokersMinIsr(state.image, resource, next)
          checkConfigs(state.image, resource, next)
          records.push(...changeRecords(state.image, resource, { next, asked }))
        })
    seen.add(key)
    return { errorCode: error.code, errorMessage: error.message, resourceType, resourceName }
  })
  return { records: request.validateOnly ? [] : records, reply: { responses } }
}

function currentConfigs(image: MetadataImage, resource: Resource): ReadonlyMap<string, string> {
  const { resourceType, resourceName } = resource
  return image.configs.get(configKey(resourceType, resourceName)) ?? new Map()
}

/** All configs of a resource after `changes`. Throws KafkaError INVALID_CONFIG. */
export function changedConfigs(
  resourceType: number,
  current: ReadonlyMap<string, string>,
  changes: readonly ConfigChange[],
): Map<string, string> {
  const next = new Map(current)
  for (const { name, configOperation, value } of changes) {
    const operation = OPERATION_NAMES[configOperation]
    if (operation === undefined) {
      const message = `Unknown operations type ${configOperation}`
      throw failure(ErrorCode.INVALID_REQUEST, message)
    }
    if (configOperation === ConfigOperation.DELETE) next.delete(name)
    else if (value === null) {
      const message = `Null value not supported for : ${name}`
      throw failure(ErrorCode.INVALID_REQUEST, message)
    } else if (configOperation === ConfigOperation.SET) next.set(name, value)
    else {
      const definition = definitionOf(resourceType, name)
      if (definition?.type !== 'LIST') {
        const message = `Can't ${operation} to key ${name} because its type is not LIST.`
        throw failure(ErrorCode.INVALID_CONFIG, message)
      }
      const items = listItems(next.get(name) ?? definition.defaultValue ?? '')
      const isAppend = configOperation === ConfigOperation.APPEND
      next.set(name, changedList(items, value.split(','), isAppend).join(','))
    }
  }
  return next
}

function listItems(text: string): string[] {
  return text.split(',').filter((item) => item !== '')
}

function changedList(items: readonly string[], given: readonly string[], isAppend: boolean) {
  if (!isAppend) return items.filter((item) => !given.includes(item))
  return [...items, ...given.filter((item) => !items.includes(item))]
}

function definitionOf(resourceType: number, name: string): ConfigDefinition | undefined {
  if (resourceType === ResourceType.TOPIC) return topicConfigs.get(name)
  if (resourceType === ResourceType.BROKER) return brokerConfigs.get(name)
  return resourceType === ResourceType.GROUP ? groupConfigs.get(name) : undefined
}

/** Throws KafkaError when the resource may not be, or may not carry `configs`. */
function checkConfigs(
  image: MetadataImage,
  resource: Resource,
  configs: ReadonlyMap<string, string>,
): void {
  const { resourceType, resourceName } = resource
  switch (resourceType) {
    case ResourceType.TOPIC:
      checkTopic(image, resourceName, configs)
      return
    case ResourceType.BROKER:
      checkBroker(image, resourceName)
      return
    case ResourceType.GROUP:
      checkGroup(resourceName, configs)
      return
    default: {
      // Client metrics would need a receiver, loggers are the broker's own: neither is kept here.
      const message = `Unknown resource type ${resourceType}.`
      throw failure(ErrorCode.UNSUPPORTED_VERSION, message)
    }
  }
}

function checkTopic(
  image: MetadataImage,
  name: string,
  configs: ReadonlyMap<string, string>,
): void {
  if (name === '') {
    throw failure(ErrorCode.INVALID_REQUEST, 'Default topic resources are not allowed.')
  }
  const invalidName = topicNameError(name)
  if (invalidName !== null) throw failure(ErrorCode.INVALID_TOPIC_EXCEPTION, invalidName)
  checkTopicConfigs(configs)
  if (!image.topicsByName.has(name)) {
    const message = `The topic '${name}' does not exist.`
    throw failure(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message)
  }
}

function checkTopicConfigs(configs: ReadonlyMap<string, string>): void {
  const invalid = validateTopicConfigs(configs)
  if (invalid !== null) throw failure(ErrorCode.INVALID_CONFIG, invalid)
}

/** Values were checked by the broker that was asked: it alone knows what it can change while running. */
function checkBroker(image: MetadataImage, name: string): void {
  if (name === '') return
  const id = Number(name)
  if (!/^-?\d+$/.test(name)) {
    const message = 'Unable to parse broker name as a base 10 number.'
    throw failure(ErrorCode.INVALID_REQUEST, message)
  }
  if (id < 0) throw failure(ErrorCode.INVALID_REQUEST, 'Invalid negative broker ID.')
  if (!image.brokers.has(id) && !image.controllers.has(id)) {
    throw failure(ErrorCode.BROKER_ID_NOT_REGISTERED, `No node with id ${id} found.`)
  }
}

/** With eligible leader replicas every broker must hold partitions to the same min ISR. */
function checkBrokersMinIsr(
  image: MetadataImage,
  { resourceType, resourceName }: Resource,
  configs: ReadonlyMap<string, string>,
): void {
  const hasElr = (image.features.get(ELR_FEATURE) ?? 0) > 0
  if (!hasElr || resourceType !== ResourceType.BROKER) return
  if (resourceName !== '') {
    const message = `Broker-level ${MIN_ISR_CONFIG} cannot be altered while ELR is enabled.`
    throw failure(ErrorCode.INVALID_CONFIG, message)
  }
  if (!configs.has(MIN_ISR_CONFIG)) {
    const message = `Cluster-level ${MIN_ISR_CONFIG} cannot be removed while ELR is enabled.`
    throw failure(ErrorCode.INVALID_CONFIG, message)
  }
}

function checkGroup(name: string, configs: ReadonlyMap<string, string>): void {
  if (name === '') {
    throw failure(ErrorCode.INVALID_REQUEST, 'Default group resources are not allowed.')
  }
  for (const [config, value] of configs) {
    const invalid = validateGroupConfig(config, value)
    if (invalid !== null) throw failure(ErrorCode.INVALID_CONFIG, invalid)
  }
}

/**
 * What leads from the present to `next`. A broker's setting that was asked for is written even when it does not
 * change, so that brokers read anew what it names (a key store, say).
 */
function changeRecords(
  image: MetadataImage,
  resource: Resource,
  change: { next: ReadonlyMap<string, string>; asked: readonly string[] },
): MetadataRecord[] {
  const { resourceType, resourceName } = resource
  const current = currentConfigs(image, resource)
  const isBroker = resourceType === ResourceType.BROKER
  const names = new Set([...change.asked, ...current.keys(), ...change.next.keys()])
  const records: MetadataRecord[] = []
  for (const name of names) {
    const value = change.next.get(name) ?? null
    const isChanged = value !== (current.get(name) ?? null)
    if (!isChanged && !(isBroker && change.asked.includes(name))) continue
    records.push(createRecord('config', { resourceType, resourceName, name, value }))
  }
  const hasNewMinIsr = current.get(MIN_ISR_CONFIG) !== change.next.get(MIN_ISR_CONFIG)
  return hasNewMinIsr ? [...records, ...elrEnds(image, resource)] : records
}

/**
 * Who holds all that is committed was found under the min ISR of before. Where nobody leads nothing is committed
 * either: there an ELR stays good, and is needed.
 */
function elrEnds(image: MetadataImage, resource: Resource): MetadataRecord[] {
  const isTopic = resource.resourceType === ResourceType.TOPIC
  const named = image.topicsByName.get(resource.resourceName)
  const topics = isTopic ? (named === undefined ? [] : [named]) : image.topicsByName.values()
  const records: MetadataRecord[] = []
  for (const { id: topicId, partitions } of topics) {
    for (const { partition: partitionId, isr, elr } of partitions) {
      if (isr.length === 0 || elr.length === 0) continue
      const change = { topicId, partitionId, eligibleLeaderReplicas: [] }
      records.push(createRecord('partitionChange', change))
    }
  }
  return records
}

/** Throws KafkaError INVALID_CONFIG. */
export function newTopicConfigs(
  configs: readonly { name: string; value: string | null }[],
): Map<string, string> {
  const missing = configs.filter(({ value }) => value === null).map(({ name }) => name)
  if (missing.length > 0) {
    const message = `Null value not supported for topic configs: ${missing.join(',')}`
    throw failure(ErrorCode.INVALID_CONFIG, message)
  }
  const given = new Map(configs.map(({ name, value }) => [name, value ?? '']))
  checkTopicConfigs(given)
  return given
}

type CreatedConfig = NonNullable<
  Encodable<NonNullable<CreateTopicsResponse['topics'][number]['configs']>>
>[number]

/** Every topic configuration with the value it has under `overrides`, sorted by name. */
export function effectiveConfigsOfNewTopic(
  state: ControllerState,
  overrides: ReadonlyMap<string, string>,
): CreatedConfig[] {
  const { image, settings } = state
  const owner = settings.configOwner
  const configs = new Map<string, ReadonlyMap<string, string>>([
    ['4:', overridesOf(image, ResourceType.BROKER, '')],
    [`4:${owner.nodeId}`, overridesOf(image, ResourceType.BROKER, String(owner.nodeId))],
    ['2:', overrides],
  ])
  return [...topicConfigs.values()]
    .map(({ name: config, isSensitive }) => {
      const topic = { name: '', config }
      const value = effectiveTopicConfig({ configs }, owner, topic)
      const [strongest] = topicConfigSynonyms({ configs }, owner, topic)
      return {
        name: config,
        value: isSensitive ? null : value,
        readOnly: false,
        configSource: strongest?.source ?? ConfigSource.DEFAULT,
        isSensitive,
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

const UNCLEAN = 'unclean.leader.election.enable'

export function isUncleanElectionEnabled(state: ControllerState, topic: string): boolean {
  return valueFor(state, topic, UNCLEAN)?.trim().toLowerCase() === 'true'
}

export function minInsyncReplicas(state: ControllerState, topic: string): number {
  return Number(
    valueFor(state, topic, MIN_ISR_CONFIG) ?? topicConfigs.get(MIN_ISR_CONFIG)?.defaultValue ?? 1,
  )
}

/** What server.properties of this controller's node says, or its default. */
export function staticMinIsr({ configOwner }: ControllerSettings): string {
  const value = configOwner.staticConfigs.get(MIN_ISR_CONFIG)
  return value ?? topicConfigs.get(MIN_ISR_CONFIG)?.defaultValue ?? '1'
}

/** Of a setting that is named alike for topics and brokers; undefined where nobody set it. */
function valueFor(state: ControllerState, topic: string, name: string): string | undefined {
  const { image, settings } = state
  const { nodeId, staticConfigs } = settings.configOwner
  return (
    overridesOf(image, ResourceType.TOPIC, topic).get(name) ??
    overridesOf(image, ResourceType.BROKER, String(nodeId)).get(name) ??
    overridesOf(image, ResourceType.BROKER, '').get(name) ??
    staticConfigs.get(name)
  )
}
