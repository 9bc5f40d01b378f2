// Settings of the metadata quorum as main.ts hands them in, and those of its log.
import { defaultCleaningConfig, type LogConfig } from '../log/types.ts'
import type { Endpoint } from '../runtime/runtime.ts'
import type { RaftTimings } from './core-types.ts'
import type { Voter, VoterEndpoint } from './voter-set.ts'

export interface RaftSettings {
  nodeId: number
  clusterId: string
  /** directory.id of the metadata directory. */
  directoryId: string
  /** controller.quorum.voters; empty where the log says who votes, or this node only looks on. */
  voters: ReadonlyMap<number, Endpoint>
  /** controller.quorum.bootstrap.servers: whom to ask who leads. */
  bootstrapServers?: readonly Endpoint[]
  /** First of controller.listener.names. */
  listenerName: string
  /** Where this controller listens, as it is told to others; left out: as `voters` says. */
  ownEndpoints?: readonly VoterEndpoint[]
  /** controller.quorum.auto.join.enable: a controller that is no voter asks to become one. */
  joinsByItself?: boolean
  /** controller.quorum.election.timeout.ms */
  electionTimeoutMs: number
  /** controller.quorum.election.backoff.max.ms */
  electionBackoffMaxMs: number
  /** controller.quorum.fetch.timeout.ms */
  fetchTimeoutMs: number
  /** controller.quorum.request.timeout.ms; longer than the 500 ms a fetch may wait. */
  requestTimeoutMs: number
  /** controller.quorum.retry.backoff.ms */
  retryBackoffMs: number
  /**
   * controller.quorum.append.linger.ms: what the first batch waits for company when nothing is
   * being written.
   */
  appendLingerMs: number
  /** controller.quorum.fetch.max.bytes */
  fetchMaxBytes: number
  /** controller.quorum.fetch.snapshot.max.bytes */
  fetchSnapshotMaxBytes: number
  /** metadata.max.retention.bytes; -1 unlimited. */
  maxRetentionBytes: number
  /** metadata.max.retention.ms; -1 unlimited. */
  maxRetentionMs: number
}

/**
 * Kafka's defaults, but for the linger: waiting 25 ms would be most of what a metadata change
 * takes.
 */
export const defaultRaftSettings = {
  electionTimeoutMs: 1000,
  electionBackoffMaxMs: 1000,
  fetchTimeoutMs: 2000,
  requestTimeoutMs: 2000,
  retryBackoffMs: 20,
  appendLingerMs: 2,
  fetchMaxBytes: 1024 * 1024,
  fetchSnapshotMaxBytes: 1024 * 1024,
  maxRetentionBytes: 100 * 1024 * 1024,
  maxRetentionMs: 7 * 24 * 3_600_000,
} as const

const FETCH_MAX_WAIT_MS = 500
/** Of kraft.version: static voters, and voters in the log. */
export const KRAFT_VERSIONS = { minVersion: 0, maxVersion: 1 } as const

/** This node as a voter; null where it is no controller. */
export function selfOf(settings: RaftSettings): Voter | null {
  const { nodeId, directoryId, listenerName, ownEndpoints = [] } = settings
  const fixed = settings.voters.get(nodeId)
  const endpoints =
    ownEndpoints.length === 0 && fixed !== undefined
      ? [{ name: listenerName, ...fixed }]
      : ownEndpoints
  if (endpoints.length === 0) return null
  return { id: nodeId, directoryId, endpoints, ...KRAFT_VERSIONS }
}

export function coreTimings(settings: RaftSettings): RaftTimings {
  const { electionTimeoutMs, electionBackoffMaxMs, fetchTimeoutMs, retryBackoffMs } = settings
  const fetchMaxWaitMs = Math.min(FETCH_MAX_WAIT_MS, fetchTimeoutMs / 4)
  return { electionTimeoutMs, electionBackoffMaxMs, fetchTimeoutMs, retryBackoffMs, fetchMaxWaitMs }
}

/** Largest batch of the metadata log. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024

/** For the log of `__cluster_metadata`: no retention of its own, only snapshots cut it. */
export function metadataLogConfig(settings: {
  /** metadata.log.segment.bytes */
  segmentBytes: number
  /** metadata.log.segment.ms */
  segmentMs: number
}): LogConfig {
  return {
    segmentBytes: settings.segmentBytes,
    segmentMs: settings.segmentMs,
    segmentJitterMs: 0,
    segmentIndexBytes: 10 * 1024 * 1024,
    indexIntervalBytes: 4096,
    retentionMs: -1,
    retentionBytes: -1,
    maxMessageBytes: MAX_BATCH_BYTES,
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
}
