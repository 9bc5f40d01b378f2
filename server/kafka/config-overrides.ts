import { ErrorCode } from '../../protocol/errors.ts'
import { DescribeConfigs } from '../../protocol/schemas/32-describe-configs.ts'
import { type ConfigSourceName, configSourceName } from './configs.ts'
import type { ClientCallOptions, Target, WireClient } from './wire-client.ts'

const TOPIC_RESOURCE = 2
const BROKER_RESOURCE = 4

/** What is set on the resource itself; a secret's value is null. */
export type Overrides = Readonly<Record<string, string | null>>

/** By topic; those with an error, or that may not be described, are left out. */
export async function fetchTopicOverrides(
  client: WireClient,
  topics: readonly string[],
  options: ClientCallOptions = {},
): Promise<Map<string, Overrides>> {
  if (topics.length === 0) return new Map()
  return fetchOverrides(client, { target: 'any', type: TOPIC_RESOURCE, names: topics }, [
    'topic',
    options,
  ])
}

/** A broker's own dynamic configs; null: it may not be described. */
export async function fetchBrokerOverrides(
  client: WireClient,
  brokerId: number,
  options: ClientCallOptions = {},
): Promise<Overrides | null> {
  const name = String(brokerId)
  const asked = { target: brokerId, type: BROKER_RESOURCE, names: [name] }
  return (await fetchOverrides(client, asked, ['broker', options])).get(name) ?? null
}

/** The brokers' cluster-wide dynamic defaults; null: they may not be described. */
export async function fetchDefaultOverrides(
  client: WireClient,
  options: ClientCallOptions = {},
): Promise<Overrides | null> {
  const asked = { target: 'any' as const, type: BROKER_RESOURCE, names: [''] }
  return (await fetchOverrides(client, asked, ['broker-default', options])).get('') ?? null
}

async function fetchOverrides(
  client: WireClient,
  asked: { target: Target; type: number; names: readonly string[] },
  [own, options]: readonly [ConfigSourceName, ClientCallOptions],
): Promise<Map<string, Overrides>> {
  const resources = asked.names.map((resourceName) => ({
    resourceType: asked.type,
    resourceName,
    configurationKeys: null,
  }))
  const answer = await client.call(asked.target, DescribeConfigs, { resources }, options)
  const found = new Map<string, Overrides>()
  for (const { errorCode, resourceName, configs } of answer.results) {
    if (errorCode !== ErrorCode.NONE) continue
    const set = configs.filter((config) => configSourceName(config.configSource) === own)
    set.sort((a, b) => (a.name < b.name ? -1 : 1))
    found.set(resourceName, Object.fromEntries(set.map(({ name, value }) => [name, value])))
  }
  return found
}
