import { z } from 'zod'
import type {
  ReadMbeanInput,
  ReadMbeanOutput,
  SearchMbeansInput,
  SearchMbeansOutput,
} from '../../contracts/charts.ts'
import { readBrokerInventory } from '../clusters/inventory.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import type { MetricsTarget } from '../kafka/metrics-reads.ts'

const TIMEOUT_MS = 5_000
/** A broker of ten thousand partitions names its MBeans in some 8 MB. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024
/** While somebody types, the names are not asked for again. */
const NAMES_FOR_MS = 30_000
const CLUSTERS_CACHED_MAX = 16
const ATTRIBUTES_MAX = 200

const answerSchema = z.object({ status: z.number(), value: z.unknown().optional() })

/** How many brokers have each MBean. */
type Names = ReadonlyMap<string, number>

const cache = new Map<string, { readonly untilMs: number; readonly names: Names }>()

/** The agents that the cluster itself is set up with: nothing a caller says becomes an address. */
async function agentsOf(clusterId: string): Promise<MetricsTarget[]> {
  const { metrics } = clusterOf(clusterId)
  const brokers = await readBrokerInventory(clusterId)
  const targets = brokers.map((broker) => metrics.targetOf(broker))
  return targets.filter((target) => target !== null && isJolokia(target)) as MetricsTarget[]
}

function isJolokia(target: MetricsTarget): boolean {
  return target.kind === 'jolokia' && /^https?:$/.test(new URL(target.url).protocol)
}

/** Every word of the search is a part of the name. */
export async function searchMbeans({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: SearchMbeansInput
}): Promise<SearchMbeansOutput> {
  const agents = await agentsOf(input.cluster)
  if (agents.length === 0) return { items: [], total: 0, missing: 'no-jmx' }
  const names = await namesOf(input.cluster, agents, ctx)
  const words = input.search.toLowerCase().split(/\s+/)
  const found = [...names]
    .filter(([name]) => words.every((word) => name.toLowerCase().includes(word)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const items = found.slice(0, input.limit).map(([mbean, brokers]) => ({ mbean, brokers }))
  return { items, total: found.length, missing: names.size === 0 ? 'cluster-unreachable' : null }
}

async function namesOf(
  clusterId: string,
  agents: readonly MetricsTarget[],
  ctx: ServiceContext,
): Promise<Names> {
  const cached = cache.get(clusterId)
  if (cached !== undefined && cached.untilMs > ctx.nowMs()) return cached.names
  const request = { type: 'search', mbean: '*:*' }
  const answers = await Promise.allSettled(
    agents.map((agent) => askJolokia(agent, request, ctx.signal)),
  )
  const names = new Map<string, number>()
  for (const answer of answers) {
    const list = z.array(z.string()).safeParse(answer.status === 'fulfilled' ? answer.value : [])
    for (const name of list.data ?? []) names.set(name, (names.get(name) ?? 0) + 1)
  }
  if (cache.size >= CLUSTERS_CACHED_MAX) cache.clear()
  if (names.size > 0) cache.set(clusterId, { untilMs: ctx.nowMs() + NAMES_FOR_MS, names })
  return names
}

/** From the first broker that has it. Throws ServiceError `mbean-unknown`. */
export async function readMbean({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: ReadMbeanInput
}): Promise<ReadMbeanOutput> {
  const { mbean } = input
  // With a pattern the answer would be of many.
  if (/[*?]/.test(mbean)) throw refusal('mbean-unknown', { mbean })
  for (const agent of await agentsOf(input.cluster)) {
    const value = await askJolokia(agent, { type: 'read', mbean }, ctx.signal).catch(() => null)
    if (typeof value !== 'object' || value === null) continue
    return { attributes: numbersOf(value).slice(0, ATTRIBUTES_MAX) }
  }
  throw refusal('mbean-unknown', { mbean })
}

type Attribute = ReadMbeanOutput['attributes'][number]

/** Numbers, those within composite values too. Jolokia writes NaN, "none yet", as text. */
export function numbersOf(attributes: object): Attribute[] {
  return Object.entries(attributes).flatMap(([attribute, value]): Attribute[] => {
    const own = numberOf(value)
    if (own !== undefined) return [{ attribute, path: '', value: own }]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    return Object.entries(value).flatMap(([path, inner]) => {
      const part = numberOf(inner)
      return part === undefined ? [] : [{ attribute, path, value: part }]
    })
  })
}

/** Undefined: not a number. */
function numberOf(value: unknown): number | null | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? null : undefined
}

async function askJolokia(
  agent: MetricsTarget,
  request: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await fetch(agent.url, {
    method: 'POST',
    body: JSON.stringify(request),
    headers: {
      'content-type': 'application/json',
      ...(agent.authorization === null ? {} : { authorization: agent.authorization }),
    },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  })
  const answer = answerSchema.parse(JSON.parse(await boundedText(response)))
  return answer.status === 200 ? answer.value : null
}

async function boundedText(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  while (reader !== undefined) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > ANSWER_BYTES_MAX) {
      await reader.cancel()
      throw new Error('the agent answers without end')
    }
    parts.push(value)
  }
  return Buffer.concat(parts).toString('utf8')
}
