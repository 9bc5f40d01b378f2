import { HIDDEN_VALUE, isSecretConfig } from '../audit/redact.ts'
import type { Reading } from '../collector/reading.ts'
import {
  fetchBrokerOverrides,
  fetchDefaultOverrides,
  fetchTopicOverrides,
  type Overrides,
} from '../kafka/config-overrides.ts'
import type { WireClient } from '../kafka/wire-client.ts'
import { messageOf } from '../kafka/wire-error.ts'
import { topicKeyOf } from '../metrics/fields.ts'
import { brokerConfigKey, type ConfigFacts, DEFAULT_CONFIG_KEY, topicConfigKey } from './facts.ts'

const TOPICS_PER_CYCLE = 400
const BROKERS_PER_CYCLE = 3
const TIMEOUT_MS = 2_000

export interface ConfigSource {
  /** By the keys of ClusterFacts; those that did not answer are left out. */
  read(
    reading: Reading,
    changed: { topics: readonly string[]; brokers: readonly number[] },
  ): Promise<ReadonlyMap<string, ConfigFacts>>
}

/**
 * Reads what is overridden on topics and brokers, so many a cycle and then the next ones; those
 * that Eyrie itself has just changed come first. An answer that does not come is a later cycle's.
 */
export class ConfigWatch implements ConfigSource {
  readonly #client: WireClient
  #topicAt = 0
  #brokerAt = 0
  #lastError = ''

  constructor(client: WireClient) {
    this.#client = client
  }

  async read(
    reading: Reading,
    changed: { topics: readonly string[]; brokers: readonly number[] },
  ): Promise<Map<string, ConfigFacts>> {
    const topics = this.#nextTopics(reading, changed.topics)
    const brokers = this.#nextBrokers(reading, changed.brokers)
    const options = { timeoutMs: TIMEOUT_MS }
    const configs = new Map<string, ConfigFacts>()
    const take = (key: string, overrides: Overrides | null | undefined): void => {
      if (overrides) configs.set(key, withoutSecrets(overrides))
    }
    const results = await Promise.allSettled([
      fetchTopicOverrides(this.#client, [...topics.keys()], options).then((found) => {
        for (const [name, key] of topics) take(topicConfigKey(key), found.get(name))
      }),
      fetchDefaultOverrides(this.#client, options).then((found) => take(DEFAULT_CONFIG_KEY, found)),
      ...brokers.map((id) =>
        fetchBrokerOverrides(this.#client, id, options).then((found) =>
          take(brokerConfigKey(id), found),
        ),
      ),
    ])
    this.#report(results)
    return configs
  }

  /** Name → key. */
  #nextTopics(reading: Reading, changed: readonly string[]): Map<string, string> {
    const { topics } = reading.state
    const wanted = new Set(changed)
    const chosen = topics.filter((topic) => wanted.has(topic.name)).slice(0, TOPICS_PER_CYCLE)
    const start = this.#topicAt < topics.length ? this.#topicAt : 0
    const turn = topics.slice(start, start + TOPICS_PER_CYCLE)
    this.#topicAt = start + turn.length
    return new Map([...chosen, ...turn].map((topic) => [topic.name, topicKeyOf(topic)] as const))
  }

  #nextBrokers(reading: Reading, changed: readonly number[]): number[] {
    const fenced = new Set(reading.fenced.map((broker) => broker.id))
    const ids = reading.state.brokers
      .map((broker) => broker.id)
      .filter((id) => !fenced.has(id) && !reading.brokerErrors.has(id))
    const start = this.#brokerAt < ids.length ? this.#brokerAt : 0
    const turn = ids.slice(start, start + BROKERS_PER_CYCLE)
    this.#brokerAt = start + turn.length
    return [...new Set([...ids.filter((id) => changed.includes(id)), ...turn])]
  }

  /** Said once, not every cycle. */
  #report(results: readonly PromiseSettledResult<unknown>[]): void {
    const failed = results.find((result) => result.status === 'rejected')
    const error = failed === undefined ? '' : messageOf(failed.reason)
    if (error !== '' && error !== this.#lastError) console.error(`configs for events: ${error}`)
    this.#lastError = error
  }
}

function withoutSecrets(overrides: Overrides): ConfigFacts {
  return Object.fromEntries(
    Object.entries(overrides).map(([name, value]) => [
      name,
      // Kafka gives no value of what it holds for a secret.
      value === null || isSecretConfig(name) ? HIDDEN_VALUE : value,
    ]),
  )
}
