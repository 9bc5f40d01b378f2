// Opens the log of `__cluster_metadata-0` for the quorum, beside the logs of the broker. Called by broker-server.ts.
// Recovered from its start at every opening: it is small, and what the quorum promised must be there.
import { join } from 'node:path'
import type { BrokerConfig } from './config.ts'
import { LogDirectory } from './log/log-directory.ts'
import type { LogManager } from './log/log-manager.ts'
import { PartitionLog } from './log/partition-log.ts'
import { metadataLogConfig } from './raft/settings.ts'
import type { Runtime } from './runtime/runtime.ts'

const TOPIC = '__cluster_metadata'
/** Reserved for it by Kafka. */
const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

export interface MetadataLog {
  log: PartitionLog
  directoryId: string
  /** Closes the log; call after the quorum's shutdown and before the log manager's close. */
  close(): Promise<void>
}

export async function openMetadataLog(options: {
  runtime: Runtime
  config: BrokerConfig
  clusterId: string
  logs: LogManager
}): Promise<MetadataLog> {
  const { runtime, config, clusterId, logs } = options
  const path = config.metadataLogDir
  const shared = logs.directories.find((directory) => directory.path === path)
  // A directory of its own is locked and claimed here; the others are the log manager's.
  const own = shared
    ? null
    : await LogDirectory.open(runtime, path, { clusterId, nodeId: config.nodeId })
  const directory = join(path, `${TOPIC}-0`)
  await runtime.disk.mkdir(directory)
  const log = await PartitionLog.open({
    shared: logs.shared,
    directory,
    topic: TOPIC,
    partition: 0,
    topicId: TOPIC_ID,
    config: metadataLogConfig({
      segmentBytes: config.metadataLogSegmentBytes,
      segmentMs: config.metadataLogSegmentMs,
    }),
    recoveryPoint: 0,
    logStartOffset: 0,
    highWatermark: 0,
    hadCleanShutdown: false,
    cacheReplicaAppends: true,
  })
  return {
    log,
    directoryId: shared?.directoryId ?? own?.directoryId ?? '',
    close: async () => {
      await log.close()
      await own?.release()
    },
  }
}
