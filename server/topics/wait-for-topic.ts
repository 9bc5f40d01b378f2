import { setTimeout as sleep } from 'node:timers/promises'
import { fetchTopic } from '../kafka/describe-cluster.ts'
import type { TopicState } from '../kafka/types.ts'
import type { WireClient } from '../kafka/wire-client.ts'

const WAIT_MS = 2_000
const POLL_MS = 40

/**
 * A change is done once the controller has it; brokers show it a moment later. Waits until one
 * does, at most 2 s; a broker that fails meanwhile does not undo the change, so that is no error.
 */
export async function waitForTopic(
  client: WireClient,
  name: string,
  isShown: (state: TopicState | null) => boolean,
): Promise<void> {
  const untilMs = Date.now() + WAIT_MS
  while (Date.now() < untilMs) {
    try {
      if (isShown(await fetchTopic(client, name, { timeoutMs: 1_000 }))) return
    } catch {
      // The next poll may reach another broker.
      if (Date.now() + POLL_MS >= untilMs) return
    }
    await sleep(POLL_MS)
  }
}
