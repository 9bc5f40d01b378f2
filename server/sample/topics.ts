import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { createTopic, deleteTopic } from '../kafka/change-topics.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { deleteGroup, findCoordinator } from '../kafka/group-offsets.ts'
import type { WireClient } from '../kafka/wire-client.ts'
import { SAMPLE_GROUPS, SAMPLE_TOPICS, TAKEN_PREFIX } from './names.ts'
import type { TopicNames } from './traffic.ts'

const REPLICATION_FACTOR_MAX = 3
const SHOWN_WITHIN_MS = 10_000

/**
 * Makes what is missing. `owned`: topics made earlier, which are used again. Gives their names and
 * all that are ours; `note` is called after each creation, so that an end in between leaves nobody
 * a topic without owner.
 */
export async function ensureSampleTopics(
  client: WireClient,
  owned: readonly string[],
  note: (owned: readonly string[]) => Promise<void>,
): Promise<TopicNames> {
  const state = await fetchClusterState(client, null)
  const existing = new Set(state.topics.map((topic) => topic.name))
  const ours = new Set(owned)
  const names = new Map<string, string>()
  for (const { base, partitions } of SAMPLE_TOPICS) {
    const prefixed = TAKEN_PREFIX + base
    const isTaken = existing.has(base) && !ours.has(base)
    const name = ours.has(prefixed) || isTaken ? prefixed : base
    names.set(base, name)
    if (existing.has(name)) continue
    const replicationFactor = Math.min(REPLICATION_FACTOR_MAX, state.brokers.length)
    const topic = { name, partitions, replicationFactor, configs: {}, assignments: null }
    // Noted first: a creation that is answered too late still is ours.
    ours.add(name)
    await note([...ours])
    try {
      await createTopic(client, topic, false)
    } catch (error) {
      const exists = error instanceof KafkaError && error.code === ErrorCode.TOPIC_ALREADY_EXISTS
      if (!exists) throw error
    }
  }
  await waitUntilLed(client, [...names.values()])
  return {
    orders: names.get('orders') ?? 'orders',
    payments: names.get('payments') ?? 'payments',
    'page-views': names.get('page-views') ?? 'page-views',
  }
}

/** kafkajs gives up on a topic that brokers do not show yet. */
async function waitUntilLed(client: WireClient, names: readonly string[]): Promise<void> {
  const untilMs = Date.now() + SHOWN_WITHIN_MS
  while (Date.now() < untilMs) {
    const { topics } = await fetchClusterState(client, names)
    const isLed = topics.every((topic) => topic.partitions.every((p) => p.leader !== null))
    if (topics.length === names.length && isLed) return
    await sleep(100)
  }
}

/** Deletes the two groups, which have no members by now, and the topics that are ours. */
export async function removeSample(client: WireClient, owned: readonly string[]): Promise<void> {
  await fetchClusterState(client, [])
  for (const group of SAMPLE_GROUPS) {
    await unlessGone(async () => {
      const coordinator = await findCoordinator(client, group)
      await deleteGroup(client, coordinator, group)
    }, ErrorCode.GROUP_ID_NOT_FOUND)
  }
  for (const name of owned) {
    await unlessGone(() => deleteTopic(client, name), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  }
}

async function unlessGone(remove: () => Promise<void>, goneCode: number): Promise<void> {
  try {
    await remove()
  } catch (error) {
    if (!(error instanceof KafkaError && error.code === goneCode)) throw error
  }
}
