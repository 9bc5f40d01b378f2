import type { ClusterTestResult } from '../../contracts/cluster-definitions.ts'
import type { JolokiaRead } from '../kafka/jolokia.ts'
import { type MetricsTarget, readMetrics } from '../kafka/metrics-reads.ts'
import type { BrokerNode } from '../kafka/types.ts'
import { WireError } from '../kafka/wire-error.ts'
import type { MetricsSource } from './metrics-source.ts'
import { sinceStart, whatFailed } from './test-endpoint.ts'

/** One attribute of each kind that pages live on; any broker that took a request has them. */
const PROBES: readonly JolokiaRead[] = [
  {
    mbean: 'kafka.server:type=ReplicaManager,name=UnderReplicatedPartitions',
    attribute: 'Value',
  },
  {
    mbean: 'kafka.network:type=RequestMetrics,name=TotalTimeMs,request=Produce',
    attribute: '99thPercentile',
  },
  { mbean: 'kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec', attribute: 'Count' },
  { mbean: 'java.lang:type=Memory', attribute: 'HeapMemoryUsage' },
]

/** Every broker's agent or exporter; none where the definition names no source. */
export async function testMetrics(
  source: MetricsSource,
  brokers: readonly BrokerNode[],
  say: (result: ClusterTestResult) => void,
): Promise<void> {
  if (source.kind === 'none') return say(skipped())
  await Promise.all(
    brokers.map(async (broker) => {
      const target = source.targetOf(broker)
      say(target === null ? skipped() : await testTarget(broker.id, target))
    }),
  )
}

function skipped(): ClusterTestResult {
  const values = {}
  const rest = { outcome: 'skipped', values, error: null, advice: null, durationMs: 0 } as const
  return { step: 'metrics', target: '', ...rest }
}

async function testTarget(broker: number, target: MetricsTarget): Promise<ClusterTestResult> {
  const spent = sinceStart()
  const result = { step: 'metrics', target: target.url } as const
  try {
    const answers = await readMetrics(target, PROBES)
    const missing = PROBES.filter((_, index) => answers[index] === undefined).map(
      ({ mbean }) => mbean,
    )
    const found = PROBES.length - missing.length
    const values = { broker, found, total: PROBES.length }
    const error = missing.length === 0 ? null : missing.join('; ')
    const advice = found === 0 ? 'metrics-foreign' : 'metrics-partial'
    return {
      ...result,
      outcome: found === 0 ? 'failed' : error === null ? 'ok' : 'attention',
      values,
      error,
      advice: error === null ? null : advice,
      durationMs: spent(),
    }
  } catch (error) {
    const advice = adviceFor(error)
    const failed = { ...whatFailed(error), advice }
    return { ...result, outcome: 'failed', values: { broker }, ...failed, durationMs: spent() }
  }
}

function adviceFor(error: unknown): NonNullable<ClusterTestResult['advice']> {
  if (error instanceof WireError && error.failure === 'protocol') return 'metrics-foreign'
  const isRefused = error instanceof Error && /HTTP 40[13]/.test(error.message)
  return isRefused ? 'metrics-refused' : 'metrics-unreachable'
}
