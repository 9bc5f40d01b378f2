// What tests of logs need again and again: settings, batches, an open log on a memory disk.

import { createLogShared, type LogShared } from '../../broker/log/log-shared.ts'
import { PartitionLog } from '../../broker/log/partition-log.ts'
import type { PartitionLogOptions } from '../../broker/log/partition-log-options.ts'
import { defaultCleaningConfig, type LogConfig } from '../../broker/log/types.ts'
import type { Runtime } from '../../broker/runtime/runtime.ts'
import { type BatchInput, buildBatch } from '../../protocol/records/build.ts'

export const TEST_TOPIC_ID = 'abcdefghijklmnopqrstuw'

export const testLogConfig: LogConfig = {
  segmentBytes: 1024 * 1024,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  indexIntervalBytes: 4096,
  retentionMs: 604_800_000,
  retentionBytes: -1,
  maxMessageBytes: 1024 * 1024,
  cleanupDelete: true,
  cleanupCompact: false,
  compressionType: 'producer',
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  fileDeleteDelayMs: 60_000,
  minInsyncReplicas: 1,
  uncleanLeaderElectionEnable: false,
  ...defaultCleaningConfig,
}

/** A batch of `values` with keys k0, k1 …, as a producer sends it. */
export function testBatch(
  values: readonly string[],
  options: Omit<BatchInput, 'records'> & { timestampMs?: number } = {},
): Buffer {
  const { timestampMs = 1000, ...rest } = options
  const records = values.map((value, index) => ({
    key: Buffer.from(`k${index}`),
    value: Buffer.from(value),
    timestampMs: timestampMs + index,
  }))
  return buildBatch({ ...rest, records })
}

export async function openTestLog(
  runtime: Runtime,
  options: Partial<Omit<PartitionLogOptions, 'config'>> & {
    config?: Partial<LogConfig>
    shared?: LogShared
  } = {},
): Promise<PartitionLog> {
  const { config, ...rest } = options
  const directory = rest.directory ?? '/data/t-0'
  await runtime.disk.mkdir(directory)
  return PartitionLog.open({
    shared: rest.shared ?? createLogShared(runtime),
    directory,
    topic: 't',
    partition: 0,
    topicId: TEST_TOPIC_ID,
    recoveryPoint: 0,
    logStartOffset: 0,
    highWatermark: 0,
    hadCleanShutdown: false,
    ...rest,
    config: { ...testLogConfig, ...config },
  })
}

export const client = { origin: 'client', leaderEpoch: 0 } as const
