import type {
  ClusterTestEvent,
  ClusterTestResult,
  TestClusterInput,
  TestStep,
} from '../../contracts/cluster-definitions.ts'
import type { ServiceContext } from '../context.ts'
import type { Endpoint } from '../kafka/connection.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { type ClusterSecurity, connectionOptionsOf, type Secrets } from '../kafka/security.ts'
import type { BrokerNode, ClusterState } from '../kafka/types.ts'
import { parseBootstrap, WireClient } from '../kafka/wire-client.ts'
import { WireError } from '../kafka/wire-error.ts'
import { checkDefinition, mergeSecrets } from './check-definition.ts'
import { storedDefinition } from './definition.ts'
import type { DefinitionValues } from './definition-store.ts'
import { patternMetrics } from './metrics-source.ts'
import { endpointSteps, sinceStart, testEndpoint, whatFailed } from './test-endpoint.ts'
import { eventsOf, type Tell } from './test-events.ts'
import { testMetrics } from './test-metrics.ts'
import { testPermissions } from './test-permissions.ts'

const ENDPOINTS_MAX = 8
const BROKERS_MAX = 24
const CONNECT_TIMEOUT_MS = 4_000
const METADATA_TIMEOUT_MS = 8_000
/** Of the cluster as a whole, in this order, once one of its servers can be used. */
const CLUSTER_STEPS = ['metadata', 'brokers', 'permissions', 'metrics'] as const

/**
 * Step by step, each told once it is done; nothing is kept and nothing changed. All servers are tried
 * at once. Throws ServiceError for a definition that cannot work, before anything is tried.
 */
export async function testCluster({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: TestClusterInput
}): Promise<AsyncIterable<ClusterTestEvent>> {
  const { cluster, secrets: given, ...shape } = input
  const stored = cluster === undefined ? null : await storedDefinition(cluster)
  const values = { name: 'test', color: null, isProduction: false, ...shape }
  const secrets = mergeSecrets(values, stored?.secrets ?? {}, given)
  checkDefinition(values, secrets)
  return eventsOf((tell, signal) => runTest(values, secrets, { tell, signal }), ctx.signal)
}

type PlannedStep = Extract<ClusterTestEvent, { type: 'plan' }>['steps'][number]

interface Run {
  readonly tell: Tell
  readonly signal: AbortSignal
}

async function runTest(values: DefinitionValues, secrets: Secrets, run: Run): Promise<void> {
  const { tell, signal } = run
  const security = { tls: values.tls, sasl: values.sasl, secrets, problem: null }
  const connectTimeoutMs = CONNECT_TIMEOUT_MS
  const options = { ...connectionOptionsOf(security), connectTimeoutMs, signal }
  const endpoints = values.bootstrapServers.flatMap(parseBootstrap).slice(0, ENDPOINTS_MAX)
  const say = (result: ClusterTestResult): void => tell({ type: 'result', result })
  const giveUp = (steps: readonly TestStep[]): void => {
    for (const step of steps) say(skippedStep(step))
    tell({ type: 'end', isUsable: false })
  }
  const first = endpoints.flatMap((endpoint) =>
    endpointSteps(options).map((step) => ({ step, target: addressOf(endpoint) })),
  )
  const later = CLUSTER_STEPS.map((step) => ({ step, target: '' }))
  tell({ type: 'plan', steps: [...first, ...later] })
  const areOpen = await Promise.all(endpoints.map((one) => testEndpoint(one, options, say)))
  const open = endpoints.filter((_, index) => areOpen[index])
  if (open.length === 0) return giveUp(CLUSTER_STEPS)
  const client = new WireClient({ bootstrap: open, ...options })
  try {
    const { item, state } = await testMetadata(client, security)
    say(item)
    if (state === null) return giveUp(CLUSTER_STEPS.slice(1))
    const metrics = patternMetrics(values.metrics, secrets.metricsPassword)
    const brokers = state.brokers.slice(0, BROKERS_MAX)
    const urls = new Set(brokers.map((broker) => metrics.targetOf(broker)?.url ?? ''))
    const steps: PlannedStep[] = [
      ...brokers.map((broker) => ({ step: 'brokers' as const, target: addressOf(broker) })),
      { step: 'permissions', target: '' },
      ...[...urls].map((target) => ({ step: 'metrics' as const, target })),
    ]
    tell({ type: 'plan', steps })
    const [isUsable] = await Promise.all([
      testBrokers(brokers, options, say),
      testPermissions(client).then(say),
      testMetrics(metrics, brokers, say),
    ])
    tell({ type: 'end', isUsable })
  } finally {
    client.close()
  }
}

function addressOf({ host, port }: Endpoint): string {
  return `${host}:${port}`
}

function skippedStep(step: TestStep): ClusterTestResult {
  const rest = { target: '', outcome: 'skipped', values: {}, error: null, advice: null } as const
  return { step, ...rest, durationMs: 0 }
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

type Say = (result: ClusterTestResult) => void

/**
 * Where the cluster says that its brokers are: what clients connect to after the bootstrap. Whether
 * one of them at least can be used.
 */
async function testBrokers(
  brokers: readonly BrokerNode[],
  options: Parameters<typeof testEndpoint>[1],
  say: Say,
): Promise<boolean> {
  const areOpen = await Promise.all(
    brokers.map(async ({ id, host, port }): Promise<boolean> => {
      const spent = sinceStart()
      let error: string | null = null
      const isOpen = await testEndpoint({ host, port }, options, (step) => {
        if (step.outcome === 'failed') error = step.error
      })
      say({
        step: 'brokers',
        target: addressOf({ host, port }),
        outcome: isOpen ? 'ok' : 'failed',
        values: { broker: id },
        error,
        advice: isOpen ? null : 'advertised-unreachable',
        durationMs: spent(),
      })
      return isOpen
    }),
  )
  return areOpen.includes(true)
}
