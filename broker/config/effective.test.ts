// Which layer of configuration wins, and what DescribeConfigs lists under each name.
import { expect, test } from 'vitest'
import {
  brokerConfigSynonyms,
  effectiveTopicConfig,
  logConfigFor,
  topicConfigSynonyms,
} from './effective.ts'

const layers = (
  statics: Record<string, string>,
  configs: Record<string, Record<string, string>> = {},
) => ({
  owner: { nodeId: 1, staticConfigs: new Map(Object.entries(statics)) },
  image: {
    configs: new Map(
      Object.entries(configs).map(([key, value]) => [key, new Map(Object.entries(value))]),
    ),
  },
})

test('a topic override beats broker, cluster, file and default, which are listed in that order', () => {
  const { image, owner } = layers(
    { 'log.segment.bytes': '2000000' },
    {
      '2:orders': { 'segment.bytes': '5000000' },
      '4:1': { 'log.segment.bytes': '4000000' },
      '4:': { 'log.segment.bytes': '3000000' },
    },
  )
  const topic = { name: 'orders', config: 'segment.bytes' }
  expect(effectiveTopicConfig(image, owner, topic)).toBe('5000000')
  expect(
    topicConfigSynonyms(image, owner, topic).map(({ value, source }) => [value, source]),
  ).toEqual([
    ['5000000', 1],
    ['4000000', 2],
    ['3000000', 3],
    ['2000000', 4],
    ['1073741824', 5],
  ])
})

test('another broker does not see what is set for this one', () => {
  const { image } = layers({}, { '4:1': { 'log.segment.bytes': '4000000' } })
  const other = { nodeId: 2, staticConfigs: new Map<string, string>() }
  expect(logConfigFor(image, other, 'orders').segmentBytes).toBe(1073741824)
})

test('hours give retention.ms its value but are no synonym of log.retention.ms', () => {
  const { image, owner } = layers({ 'log.retention.hours': '2' })
  expect(logConfigFor(image, owner, 't').retentionMs).toBe(7_200_000)
  expect(topicConfigSynonyms(image, owner, { name: 't', config: 'retention.ms' })).toEqual([])
  expect(brokerConfigSynonyms(image, owner, 'log.retention.hours').map((s) => s.value)).toEqual([
    '2',
    '168',
  ])
})

test('milliseconds beat minutes beat hours, and a negative retention is for ever', () => {
  const file = layers({ 'log.retention.hours': '2', 'log.retention.minutes': '1' })
  expect(logConfigFor(file.image, file.owner, 't').retentionMs).toBe(60_000)
  const dynamic = layers({ 'log.retention.hours': '2' }, { '4:': { 'log.retention.ms': '-7' } })
  expect(logConfigFor(dynamic.image, dynamic.owner, 't').retentionMs).toBe(-1)
})

test('defaults give the log settings of Kafka', () => {
  const { image, owner } = layers({})
  expect(logConfigFor(image, owner, 't')).toMatchObject({
    segmentBytes: 1073741824,
    segmentMs: 604_800_000,
    retentionBytes: -1,
    maxMessageBytes: 1048588,
    cleanupDelete: true,
    cleanupCompact: false,
    compressionType: 'producer',
    flushMs: Number.MAX_SAFE_INTEGER,
    minInsyncReplicas: 1,
    uncleanLeaderElectionEnable: false,
  })
})
