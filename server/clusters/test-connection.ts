import type {
  ClusterTestResult,
  TestClusterInput,
  TestClusterOutput,
} from '../../contracts/cluster-definitions.ts'
import type { ServiceContext } from '../context.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { type ClusterSecurity, connectionOptionsOf } from '../kafka/security.ts'
import type { ClusterState } from '../kafka/types.ts'
import { parseBootstrap, WireClient } from '../kafka/wire-client.ts'
import { WireError } from '../kafka/wire-error.ts'
import { checkDefinition, mergeSecrets } from './check-definition.ts'
import { storedDefinition } from './definition.ts'
import { patternMetrics } from './metrics-source.ts'
import { sinceStart, testEndpoint, whatFailed } from './test-endpoint.ts'
import { testMetrics } from './test-metrics.ts'
import { testPermissions } from './test-permissions.ts'

const ENDPOINTS_MAX = 8
const BROKERS_MAX = 24
const CONNECT_TIMEOUT_MS = 4_000
const METADATA_TIMEOUT_MS = 8_000

/**
 * Step by step, with nothing kept and nothing changed. All servers at once, so that it ends within
 * some 20 seconds whatever they do.
 */
export async function testCluster({
  input,
}: {
  ctx: ServiceContext
  input: TestClusterInput
}): Promise<TestClusterOutput> {
  const { cluster, secrets: given, ...shape } = input
  const stored = cluster === undefined ? null : await storedDefinition(cluster)
  const values = { name: 'test', color: null, isProduction: false, ...shape }
  const secrets = mergeSecrets(values, stored?.secrets ?? {}, given)
  checkDefinition(values, secrets)
  const security = { tls: values.tls, sasl: values.sasl, secrets, problem: null }
  const endpoints = values.bootstrapServers.flatMap(parseBootstrap).slice(0, ENDPOINTS_MAX)
  const options = { ...connectionOptionsOf(security), connectTimeoutMs: CONNECT_TIMEOUT_MS }
  const tests = await Promise.all(endpoints.map((endpoint) => testEndpoint(endpoint, options)))
  const items = tests.flatMap((test) => test.items)
  const open = endpoints.filter((_, index) => tests[index]?.isOpen)
  if (open.length === 0) return { isUsable: false, items: [...items, ...skippedSteps()] }
  const client = new WireClient({ bootstrap: open, ...options })
  try {
    const metadata = await testMetadata(client, security)
    items.push(metadata.item)
    if (metadata.state === null) return { isUsable: false, items }
    const metrics = patternMetrics(values.metrics, secrets.metricsPassword)
    const { brokers } = metadata.state
    const [brokerItems, permissions, metricItems] = await Promise.all([
      testBrokers(metadata.state, options),
      testPermissions(client),
      testMetrics(metrics, brokers.slice(0, BROKERS_MAX)),
    ])
    items.push(...brokerItems, permissions, ...metricItems)
    return { isUsable: brokerItems.some((item) => item.outcome === 'ok'), items }
  } finally {
    client.close()
  }
}

function skippedSteps(): ClusterTestResult[] {
  return (['metadata', 'brokers', 'permissions', 'metrics'] as const).map((step) => ({
    ...{ step, target: '', outcome: 'skipped', values: {}, error: null, advice: null },
    durationMs: 0,
  }))
}

async function testMetadata(
  client: WireClient,
  security: ClusterSecurity,
): Promise<{ item: ClusterTestResult; state: ClusterState | null }> {
  const spent = sinceStart()
  const result = { step: 'metadata', target: '' } as const
  try {
    const state = await fetchClusterState(client, null, { timeoutMs: METADATA_TIMEOUT_MS })
    const values = {
      id: state.kafkaClusterId ?? '',
      brokers: state.brokers.length,
      topics: state.topics.length,
    }
    const ok = { outcome: 'ok', values, error: null, advice: null, durationMs: spent() } as const
    return { item: { ...result, ...ok }, state }
  } catch (error) {
    // A listener with SASL serves ApiVersions to all and hangs up on whatever else comes first.
    const isSaslNeeded =
      security.sasl === null && error instanceof WireError && error.failure === 'closed'
    const failure = whatFailed(error)
    const advice = isSaslNeeded ? ('sasl-needed' as const) : failure.advice
    const failed = { outcome: 'failed', values: {}, durationMs: spent() } as const
    return { item: { ...result, ...failed, ...failure, advice }, state: null }
  }
}

type ConnectOptions = Parameters<typeof testEndpoint>[1]

/** Where the cluster says that its brokers are: what clients connect to after the bootstrap. */
async function testBrokers(
  state: ClusterState,
  options: ConnectOptions,
): Promise<ClusterTestResult[]> {
  const asked = state.brokers.slice(0, BROKERS_MAX)
  return Promise.all(
    asked.map(async ({ id, host, port }): Promise<ClusterTestResult> => {
      const spent = sinceStart()
      const { isOpen, items } = await testEndpoint({ host, port }, options)
      const failed = items.find((item) => item.outcome === 'failed')
      return {
        step: 'brokers',
        target: `${host}:${port}`,
        outcome: isOpen ? 'ok' : 'failed',
        values: { broker: id },
        error: failed?.error ?? null,
        advice: isOpen ? null : 'advertised-unreachable',
        durationMs: spent(),
      }
    }),
  )
}
