// What the asked broker refuses of a configuration change by itself. The messages are those of Apache Kafka 4.3.1.
import { expect, test } from 'vitest'
import { errorName } from '../../protocol/errors.ts'
import { emptyImage } from '../metadata/image.ts'
import { assembleAnswers, type ChangedResource, checkResources } from './config-changes.ts'

const BROKER = 4
const broker = { staticConfigs: new Map<string, string>(), nodeId: 1, image: emptyImage() }

function resource(
  resourceType: number,
  resourceName: string,
  ...configs: [name: string, configOperation: number, value: string | null][]
): ChangedResource {
  return {
    resourceType,
    resourceName,
    configs: configs.map(([name, configOperation, value]) => ({ name, configOperation, value })),
  }
}

function refusal(...resources: ChangedResource[]): string {
  const error = checkResources(resources, broker).get(0)
  return error === undefined ? 'NONE' : `${errorName(error.code)}: ${error.message}`
}

test('topics and groups are left to the controller', () => {
  expect(refusal(resource(2, 't', ['nope', 0, 'x']))).toBe('NONE')
  expect(refusal(resource(32, 'g', ['nope', 0, 'x']))).toBe('NONE')
})

test('settings that this broker cannot take while it runs', () => {
  expect(refusal(resource(BROKER, '1', ['node.id', 0, '5']))).toBe(
    'INVALID_REQUEST: Cannot update these configs dynamically: [node.id]',
  )
  expect(refusal(resource(BROKER, '', ['listeners', 0, 'PLAINTEXT://:1']))).toBe(
    'INVALID_REQUEST: Cannot update these configs at default cluster level, broker id must be ' +
      'specified: [listeners]',
  )
  expect(refusal(resource(BROKER, '1', ['log.retention.ms', 0, 'abc']))).toBe(
    'INVALID_REQUEST: Invalid value abc for configuration log.retention.ms: Not a number of type ' +
      'LONG',
  )
  expect(refusal(resource(BROKER, '1', ['log.retention.ms', 2, '1']))).toBe(
    'INVALID_CONFIG: Config value append is not allowed for config key: log.retention.ms',
  )
  expect(refusal(resource(BROKER, '1', ['node.id', 1, null]))).toBe('NONE')
  expect(refusal(resource(BROKER, '', ['log.cleanup.policy', 2, 'compact']))).toBe('NONE')
  expect(refusal(resource(BROKER, '', ['log.cleanup.policy', 3, 'delete']))).toBe('NONE')
})

test('another broker, or no broker at all', () => {
  const set: [string, number, string] = ['log.retention.ms', 0, '1']
  expect(refusal(resource(BROKER, '2', set))).toBe(
    'INVALID_REQUEST: Unexpected broker id, expected 1, but received 2',
  )
  expect(refusal(resource(BROKER, 'x', set))).toBe(
    'INVALID_REQUEST: Node id must be an integer, but it is: x',
  )
  expect(refusal(resource(5, 'x', set))).toBe('INVALID_REQUEST: Unknown resource type 5')
})

test('a resource twice, a name twice, a value missing', () => {
  const one = resource(2, 't', ['retention.ms', 0, '1'])
  expect(refusal(one, { ...one })).toBe('INVALID_REQUEST: Each resource must appear at most once.')
  expect(refusal(resource(2, 't', ['a', 0, '1'], ['a', 0, '2']))).toBe(
    'INVALID_REQUEST: Error due to duplicate config keys',
  )
  expect(refusal(resource(2, 't', ['a', 0, null], ['b', 0, null]))).toBe(
    'INVALID_REQUEST: Null value not supported for : a, b',
  )
})

test('answers come in the order asked, refused here or answered there', () => {
  const resources = [resource(2, 'a'), resource(BROKER, '2', ['x', 0, '1']), resource(2, 'b')]
  const errors = checkResources(resources, broker)
  const answers = assembleAnswers(resources, errors, [
    { resourceType: 2, resourceName: 'b', errorCode: 40, errorMessage: 'bad' },
    { resourceType: 2, resourceName: 'a', errorCode: 0, errorMessage: null },
  ])
  expect(answers.map(({ resourceName, code }) => [resourceName, code])).toEqual([
    ['a', 0],
    ['2', 42],
    ['b', 40],
  ])
})
