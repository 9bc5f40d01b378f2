// Configuration changes and feature updates as the controller answers them.
import { describe, expect, test } from 'vitest'
import { errorName } from '../../protocol/errors.ts'
import { AlterConfigs } from '../../protocol/schemas/33-alter-configs.ts'
import { IncrementalAlterConfigs } from '../../protocol/schemas/44-incremental-alter-configs.ts'
import { UpdateFeatures } from '../../protocol/schemas/57-update-features.ts'
import { PureController } from '../../tests/support/controller-harness.ts'

type Change = [name: string, operation: number, value: string | null]

const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

function cluster(): PureController {
  const controller = new PureController()
  controller.start(1, 2)
  controller.createTopic('t', [[1, 2]])
  return controller
}

function alter(
  controller: PureController,
  [resourceType, resourceName]: [number, string],
  ...changes: Change[]
): string {
  const configs = changes.map(([name, configOperation, value]) => ({
    name,
    configOperation,
    value,
  }))
  const { responses } = controller.request(IncrementalAlterConfigs, {
    resources: [{ resourceType, resourceName, configs }],
  })
  const { errorCode, errorMessage } = responses?.[0] ?? {}
  return errorCode === 0 ? 'NONE' : `${errorName(errorCode ?? -1)}: ${errorMessage}`
}

const overrides = (controller: PureController, key: string) =>
  Object.fromEntries(controller.image.configs.get(key) ?? [])

describe('IncrementalAlterConfigs', () => {
  test("with ELR the min ISR of brokers is the cluster's alone, and stays set", () => {
    const controller = cluster()
    const name = 'min.insync.replicas'
    const refused = (what: string) => `INVALID_CONFIG: ${what} while ELR is enabled.`
    for (const operation of [SET, DELETE]) {
      const value = operation === SET ? '2' : null
      expect(alter(controller, [4, '1'], [name, operation, value])).toBe(
        refused(`Broker-level ${name} cannot be altered`),
      )
    }
    expect(alter(controller, [4, ''], [name, DELETE, null])).toBe(
      refused(`Cluster-level ${name} cannot be removed`),
    )
    expect(alter(controller, [4, ''], [name, SET, '2'])).toBe('NONE')
    expect(overrides(controller, '4:')).toEqual({ [name]: '2' })
  })

  test('sets, deletes, appends and subtracts, and writes only what changes', () => {
    const controller = cluster()
    const topic: [number, string] = [2, 't']
    expect(alter(controller, topic, ['retention.ms', SET, '5'])).toBe('NONE')
    expect(alter(controller, topic, ['cleanup.policy', APPEND, 'compact'])).toBe('NONE')
    expect(overrides(controller, '2:t')).toEqual({
      'retention.ms': '5',
      'cleanup.policy': 'delete,compact',
    })
    expect(alter(controller, topic, ['cleanup.policy', SUBTRACT, 'delete'])).toBe('NONE')
    expect(alter(controller, topic, ['retention.ms', DELETE, null])).toBe('NONE')
    expect(overrides(controller, '2:t')).toEqual({ 'cleanup.policy': 'compact' })
    expect(alter(controller, topic, ['cleanup.policy', SET, 'compact'])).toBe('NONE')
    expect(controller.lastRecords).toEqual([])
    expect(alter(controller, topic, ['nope', DELETE, null])).toBe('NONE')
  })

  test("a broker's setting is written again even if it is the same, so that brokers reload", () => {
    const controller = cluster()
    alter(controller, [4, '1'], ['log.retention.ms', SET, '5'])
    alter(controller, [4, '1'], ['log.retention.ms', SET, '5'])
    expect(controller.lastRecords).toHaveLength(1)
    alter(controller, [4, ''], ['log.retention.ms', SET, '6'])
    expect(overrides(controller, '4:')).toEqual({
      'min.insync.replicas': '1',
      'log.retention.ms': '6',
    })
  })

  test('a resource is changed as a whole or not at all', () => {
    const controller = cluster()
    const answer = alter(
      controller,
      [2, 't'],
      ['retention.ms', SET, '5'],
      ['segment.bytes', SET, '1'],
    )
    expect(answer).toContain('INVALID_CONFIG')
    expect(overrides(controller, '2:t')).toEqual({})
  })

  test('refusals', () => {
    const controller = cluster()
    const topic = (...change: Change) => alter(controller, [2, 't'], change)
    expect(topic('retention.ms', SET, '-5')).toBe(
      'INVALID_CONFIG: Invalid value -5 for configuration retention.ms: Value must be at least -1',
    )
    expect(topic('foo', SET, 'x')).toBe('INVALID_CONFIG: Unknown topic config name: foo')
    expect(topic('retention.ms', APPEND, '5')).toBe(
      "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.",
    )
    const set: Change = ['retention.ms', SET, '5']
    expect(alter(controller, [2, 'x'], set)).toBe(
      "UNKNOWN_TOPIC_OR_PARTITION: The topic 'x' does not exist.",
    )
    expect(alter(controller, [2, ''], set)).toBe(
      'INVALID_REQUEST: Default topic resources are not allowed.',
    )
    expect(alter(controller, [4, '9'], ['log.retention.ms', SET, '5'])).toBe(
      'BROKER_ID_NOT_REGISTERED: No node with id 9 found.',
    )
    expect(alter(controller, [32, ''], set)).toBe(
      'INVALID_REQUEST: Default group resources are not allowed.',
    )
    expect(alter(controller, [32, 'g'], set)).toContain('INVALID_CONFIG')
    expect(alter(controller, [5, 'g'], set)).toBe('UNSUPPORTED_VERSION: Unknown resource type 5.')
  })
})

test('the legacy AlterConfigs replaces what there is', () => {
  const controller = cluster()
  alter(controller, [2, 't'], ['retention.ms', SET, '5'], ['segment.ms', SET, '7'])
  controller.request(AlterConfigs, {
    resources: [
      { resourceType: 2, resourceName: 't', configs: [{ name: 'segment.ms', value: '8' }] },
    ],
  })
  expect(overrides(controller, '2:t')).toEqual({ 'segment.ms': '8' })
})

test('only validated, nothing is written', () => {
  const controller = cluster()
  controller.request(AlterConfigs, {
    validateOnly: true,
    resources: [
      { resourceType: 2, resourceName: 't', configs: [{ name: 'segment.ms', value: '8' }] },
    ],
  })
  expect(controller.lastRecords).toEqual([])
})

describe('UpdateFeatures', () => {
  const prefix = 'The update failed for all features since the following feature had an error: '

  function update(feature: string, maxVersionLevel: number, upgradeType = 1): string {
    const { errorMessage } = cluster().request(UpdateFeatures, {
      featureUpdates: [{ feature, maxVersionLevel, upgradeType }],
    })
    return errorMessage?.replace(prefix, '') ?? 'NONE'
  }

  test('refuses what is not served, with the reason', () => {
    expect(update('metadata.version', 30)).toBe('NONE')
    expect(update('metadata.version', 31)).toBe(
      'Invalid update version 31 for feature metadata.version. Local controller 1 only supports ' +
        'versions 7-30',
    )
    expect(update('metadata.version', 29)).toContain("Can't downgrade the version of this feature")
    expect(update('metadata.version', 29, 2)).toBe(
      'Unsupported metadata.version downgrade from 30 to 29. Refusing to perform the requested ' +
        'downgrade because it might delete metadata information.',
    )
    expect(update('transaction.version', 3)).toBe(
      'Invalid update version 3 for feature transaction.version. Local controller 1 only supports ' +
        'versions 0-2',
    )
    expect(update('share.version', 1)).toBe(
      'Invalid update version 1 for feature share.version. Local controller 1 does not ' +
        'support this feature.',
    )
  })
})
