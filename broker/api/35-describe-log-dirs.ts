// DescribeLogDirs, versions 1 to 5: each log directory with the size of its logs, how far each log end lies
// behind the high watermark known here, (v4) the volume's bytes and (v5) whether it is cordoned. Null topics: all of them.
import { ErrorCode } from '../../protocol/errors.ts'
import {
  DescribeLogDirs,
  type DescribeLogDirsRequest,
} from '../../protocol/schemas/35-describe-log-dirs.ts'
import type { Log } from '../log/types.ts'
import { type BrokerServices, defineHandler } from './types.ts'

/** Told where a replica's lag is not known. */
const INVALID_OFFSET_LAG = -1

export const describeLogDirs = defineHandler({
  api: DescribeLogDirs,
  listeners: ['broker'],
  async handle(services, context, request) {
    if (!services.authorize(context, 'DESCRIBE', 'CLUSTER', 'kafka-cluster')) {
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, results: [] }
    }
    const isAsked = askedFor(request)
    const directories = services.logs.directories.map(({ path, isOnline, isCordoned = false }) =>
      isOnline
        ? describeDirectory(services, { path, isCordoned }, isAsked)
        : { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logDir: path },
    )
    return { errorCode: ErrorCode.NONE, results: await Promise.all(directories) }
  },
})

async function describeDirectory(
  services: BrokerServices,
  { path, isCordoned }: { path: string; isCordoned: boolean },
  isAsked: (log: Log) => boolean,
) {
  const topics = new Map<string, ReturnType<typeof describeLog>[]>()
  const { logs } = services
  for (const log of [...logs.all(), ...logs.allFutures()]) {
    if (!isAsked(log) || !log.directory.startsWith(`${path}/`)) continue
    const partitions = topics.get(log.topic) ?? []
    topics.set(log.topic, partitions)
    partitions.push(
      log === logs.futureOf(log) ? describeFuture(services, log) : describeLog(services, log),
    )
  }
  try {
    const { totalBytes, usableBytes } = await services.runtime.disk.space(path)
    return {
      errorCode: ErrorCode.NONE,
      logDir: path,
      topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
      totalBytes,
      usableBytes,
      isCordoned,
    }
  } catch (error) {
    services.runtime.logger.log('warn', 'A log directory cannot be measured', { path, error })
    return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logDir: path }
  }
}

function describeLog(services: BrokerServices, log: Log) {
  const replica = services.replicas.get(log)
  return {
    partitionIndex: log.partition,
    partitionSize: log.sizeBytes,
    offsetLag:
      replica === null || replica.isOffline
        ? INVALID_OFFSET_LAG
        : Math.max(0, log.highWatermark - log.logEndOffset),
    isFutureKey: false,
  }
}

/** How far a copy in another directory lies behind its log. */
function describeFuture(services: BrokerServices, future: Log) {
  const log = services.logs.get(future)
  return {
    partitionIndex: future.partition,
    partitionSize: future.sizeBytes,
    offsetLag: log === null ? INVALID_OFFSET_LAG : log.logEndOffset - future.logEndOffset,
    isFutureKey: true,
  }
}

function askedFor(request: DescribeLogDirsRequest): (log: Log) => boolean {
  if (request.topics === null) return () => true
  const asked = new Map(request.topics.map(({ topic, partitions }) => [topic, new Set(partitions)]))
  return (log) => asked.get(log.topic)?.has(log.partition) ?? false
}
