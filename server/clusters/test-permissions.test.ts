import { expect, test } from 'vitest'
import type { MetadataResponse } from '../../protocol/schemas/03-metadata.ts'
import { judge } from './test-permissions.ts'

const bits = (...operations: number[]): number =>
  operations.reduce((sum, bit) => sum | (1 << bit), 0)
const ALL_OF_CLUSTER = bits(5, 7, 8, 9, 10, 11, 12)
const ALL_OF_TOPIC = bits(3, 4, 6, 7, 8, 10, 11)

function answer(cluster: number, topics: Record<string, number>): MetadataResponse {
  return {
    throttleTimeMs: 0,
    brokers: [],
    clusterId: 'c',
    controllerId: 1,
    topics: Object.entries(topics).map(([name, operations]) => ({
      errorCode: 0,
      name,
      topicId: '',
      isInternal: name.startsWith('__'),
      partitions: [],
      topicAuthorizedOperations: operations,
    })),
    clusterAuthorizedOperations: cluster,
    errorCode: 0,
  }
}

test('who may do everything is told so', () => {
  const topics = { orders: ALL_OF_TOPIC, __consumer_offsets: bits(8) }
  expect(judge(answer(ALL_OF_CLUSTER, topics))).toMatchObject({
    outcome: 'ok',
    values: { topics: 2 },
    error: null,
  })
})

test('what is missing is named, topics of one kind together', () => {
  const reads = bits(3, 8, 10)
  const judged = judge(answer(bits(8), { a: reads, b: reads, c: reads, d: reads, e: ALL_OF_TOPIC }))
  expect(judged.outcome).toBe('attention')
  expect(judged.error).toBe(
    'Cluster: Create, Alter, DescribeConfigs, AlterConfigs; ' +
      'Topic a, b, c, … (4): Write, Delete, Alter, AlterConfigs',
  )
})

test('a cluster that does not tell is not taken to refuse', () => {
  const untold = -2_147_483_648
  expect(judge(answer(untold, { a: untold })).outcome).toBe('skipped')
})
