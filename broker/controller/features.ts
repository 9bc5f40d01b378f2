// UpdateFeatures and the registration of controllers. metadata.version cannot go down; with
// eligible leader replicas comes a min ISR for the whole cluster. Pure.
import type { Encodable } from '../../protocol/api.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import type {
  UpdateFeaturesRequest,
  UpdateFeaturesResponse,
} from '../../protocol/schemas/57-update-features.ts'
import type {
  ControllerRegistrationRequest,
  ControllerRegistrationResponse,
} from '../../protocol/schemas/70-controller-registration.ts'
import {
  clusterMinIsr,
  ELR_FEATURE,
  KRAFT_VERSION_FEATURE,
  METADATA_VERSION_FEATURE,
  MIN_ISR_CONFIG,
  type SupportedFeature,
  supportedFeatures,
} from '../metadata/bootstrap.ts'
import { configKey } from '../metadata/image.ts'
import { createRecord, type MetadataRecord } from '../metadata/records.ts'
import { ResourceType, staticMinIsr } from './configs.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'

const UPGRADE = 1
const SAFE_DOWNGRADE = 2
const UNSAFE_DOWNGRADE = 3

interface Update {
  readonly feature: string
  readonly level: number
  readonly upgradeType: number
}

export function updateFeatures(
  state: ControllerState,
  request: UpdateFeaturesRequest,
  version: number,
): ControllerResult<Encodable<UpdateFeaturesResponse>> {
  const updates = request.featureUpdates.map(
    ({ feature, maxVersionLevel, allowDowngrade, upgradeType }): Update => {
      const oldType = allowDowngrade ? SAFE_DOWNGRADE : UPGRADE
      return {
        feature,
        level: maxVersionLevel,
        upgradeType: version === 0 ? oldType : upgradeType,
      }
    },
  )
  for (const update of updates) {
    const refusal = refusalOf(state, update)
    if (refusal === null) continue
    const errorMessage = `The update failed for all features since the following feature had an error: ${refusal}`
    return { records: [], reply: { errorCode: ErrorCode.INVALID_UPDATE_VERSION, errorMessage } }
  }
  const isChange = ({ feature, level }: Update) => currentLevel(state, feature) !== level
  const kraftVersion = updates.find(
    (update) => update.feature === KRAFT_VERSION_FEATURE && isChange(update),
  )?.level
  const records = updates
    .filter((update) => isChange(update) && update.feature !== KRAFT_VERSION_FEATURE)
    .flatMap(({ feature, level }) => [
      createRecord('featureLevel', { name: feature, featureLevel: level }),
      ...(feature === ELR_FEATURE && level > 0 ? minIsrForElr(state) : []),
    ])
  const results = updates.map(({ feature }) => ({
    feature,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
  }))
  return {
    records: request.validateOnly ? [] : records,
    ...(kraftVersion === undefined || request.validateOnly ? {} : { kraftVersion }),
    reply: { errorCode: ErrorCode.NONE, errorMessage: null, results: version <= 1 ? results : [] },
  }
}

function minIsrForElr({ image, settings }: ControllerState): MetadataRecord[] {
  const isSet = image.configs.get(configKey(ResourceType.BROKER, ''))?.has(MIN_ISR_CONFIG)
  return isSet ? [] : [clusterMinIsr(staticMinIsr(settings))]
}

function refusalOf(state: ControllerState, update: Update): string | null {
  const { feature, level, upgradeType } = update
  const invalid = (reason: string) =>
    `Invalid update version ${level} for feature ${feature}. ${reason}`
  if (upgradeType < UPGRADE || upgradeType > UNSAFE_DOWNGRADE) {
    return invalid('The controller does not support the given upgrade type.')
  }
  if (level < 0) return invalid('A feature version cannot be less than 0.')
  const unsupported = unsupportedReason(state, update)
  if (unsupported !== null) return invalid(unsupported)
  const current = currentLevel(state, feature)
  if (level < current && upgradeType === UPGRADE) {
    return invalid(
      "Can't downgrade the version of this feature without setting the upgrade type to " +
        'either safe or unsafe downgrade.',
    )
  }
  if (level > current && upgradeType !== UPGRADE) {
    return invalid("Can't downgrade to a newer version.")
  }
  if (!supportedFeatures.has(feature)) return invalid(`Feature ${feature} not found.`)
  if (feature === METADATA_VERSION_FEATURE && level < current) {
    const reason =
      upgradeType === UNSAFE_DOWNGRADE
        ? 'Unsafe metadata downgrade is not supported in this version.'
        : 'Refusing to perform the requested downgrade because it might delete metadata ' +
          'information.'
    return `Unsupported metadata.version downgrade from ${current} to ${level}. ${reason}`
  }
  if (feature === KRAFT_VERSION_FEATURE && level !== current) {
    if (level < current) return invalid("Can't downgrade the version of this feature.")
    const reason = state.quorum?.check(level) ?? null
    if (reason !== null) return invalid(reason)
  }
  return null
}

function currentLevel({ image, quorum }: ControllerState, feature: string): number {
  if (feature === KRAFT_VERSION_FEATURE) return quorum?.kraftVersion ?? 0
  return image.features.get(feature) ?? 0
}

function unsupportedReason(state: ControllerState, update: Update): string | null {
  const { image, settings } = state
  const { feature, level } = update
  const nodes: [string, SupportedFeature | undefined][] = [
    [`Local controller ${settings.nodeId}`, supportedFeatures.get(feature)],
  ]
  for (const broker of image.brokers.values()) {
    nodes.push([`Broker ${broker.id}`, broker.features.get(feature)])
  }
  for (const controller of image.controllers.values()) {
    if (controller.id === settings.nodeId) continue
    nodes.push([`Controller ${controller.id}`, controller.features.get(feature)])
  }
  for (const [node, range] of nodes) {
    const { minVersion, maxVersion } = range ?? { minVersion: 0, maxVersion: 0 }
    if (level >= minVersion && level <= maxVersion) continue
    return maxVersion === 0
      ? `${node} does not support this feature.`
      : `${node} only supports versions ${minVersion}-${maxVersion}`
  }
  return null
}

export function registerController(
  _state: ControllerState,
  request: ControllerRegistrationRequest,
): ControllerResult<Encodable<ControllerRegistrationResponse>> {
  const { controllerId, incarnationId, zkMigrationReady, listeners, features } = request
  const record = createRecord('registerController', {
    controllerId,
    incarnationId,
    zkMigrationReady,
    endPoints: listeners,
    features,
  })
  return { records: [record], reply: { errorCode: ErrorCode.NONE } }
}
