import type { BrokerMetrics } from '../collector/broker-metrics.ts'
import type { Reading } from '../collector/reading.ts'
import type { PartitionState } from '../kafka/types.ts'

export interface FakeTopicShape {
  readonly name: string
  readonly partitions: readonly Partial<PartitionState>[]
  readonly ends?: readonly number[]
}

/** A healthy reading of brokers 1 to 3; the rest as the test says. */
export function fakeReading(
  tMs: number,
  shape: { topics: readonly FakeTopicShape[]; brokers?: readonly number[] } & Partial<Reading>,
): Reading {
  const { topics, brokers = [1, 2, 3], ...rest } = shape
  return {
    startedMs: tMs,
    tMs,
    state: {
      kafkaClusterId: 'k',
      metadataControllerId: 1,
      brokers: brokers.map((id) => ({ id, host: 'h', port: 9091 + id, rack: null })),
      topics: topics.map(({ name, partitions }) => ({
        name,
        topicId: `id-of-${name}`,
        isInternal: name.startsWith('__'),
        partitions: partitions.map((partition, index) => ({
          partition: index,
          leader: 1,
          leaderEpoch: 0,
          replicas: [1, 2, 3],
          isr: [1, 2, 3],
          offline: [],
          ...partition,
        })),
      })),
    },
    quorum: null,
    controllerId: 1,
    fenced: [],
    logStarts: new Map(
      topics.map(({ name, ends = [] }) => [name, new Map(ends.map((_, index) => [index, 0]))]),
    ),
    ends: new Map(
      topics.map(({ name, ends = [] }) => [name, new Map(ends.map((end, index) => [index, end]))]),
    ),
    logDirs: new Map(),
    metrics: new Map(),
    groups: [],
    isGroupListComplete: true,
    topicSettings: new Map(),
    brokerErrors: new Map(),
    ...rest,
  }
}

export const noMetrics: BrokerMetrics = {
  version: null,
  startedAtMs: null,
  uptimeMs: null,
  messagesIn: null,
  bytesIn: null,
  bytesOut: null,
  replicationBytesIn: null,
  replicationBytesOut: null,
  failedProduceRequests: null,
  failedFetchRequests: null,
  produceP99Ms: null,
  fetchP99Ms: null,
  fetchFollowerP99Ms: null,
  produceRequests: null,
  fetchRequests: null,
  underReplicated: null,
  offlineReplicas: null,
  isrShrinks: null,
  isrExpands: null,
  heapUsedBytes: null,
  residentBytes: null,
  eventLoopDelayMs: null,
  cpuLoad: null,
  topics: new Map(),
  beans: new Map(),
}
