// Which replica a consumer should rather read from (KIP-392): of the leader and those of the ISR that hold what it
// asks for, the one in the consumer's rack that is furthest. Asked by the leader's fetch path. Pure.
import type { BrokerImage } from '../metadata/image-types.ts'

export interface ReplicaChoice {
  leaderId: number
  isr: readonly number[]
  /** What the leader knows of each follower; times are monotonic. */
  followers: ReadonlyMap<
    number,
    { logStartOffset: number; logEndOffset: number; lastCaughtUpMs: number }
  >
}

export interface Reader {
  /** '' where the client did not say. */
  rack: string
  listenerName: string
  fetchOffset: number
}

const AT_LEADER = -1

/** -1: read here, from the leader. */
export function preferredReadReplica(
  choice: ReplicaChoice,
  reader: Reader,
  brokers: ReadonlyMap<number, BrokerImage>,
): number {
  if (reader.rack === '' || brokers.get(choice.leaderId)?.rack === reader.rack) return AT_LEADER
  let best: { id: number; logEndOffset: number; lastCaughtUpMs: number } | null = null
  for (const [id, follower] of choice.followers) {
    if (!choice.isr.includes(id)) continue
    const holds =
      follower.logStartOffset <= reader.fetchOffset && follower.logEndOffset >= reader.fetchOffset
    if (!holds || !isReachable(brokers.get(id), reader)) continue
    const isBetter =
      best === null ||
      follower.logEndOffset > best.logEndOffset ||
      (follower.logEndOffset === best.logEndOffset && follower.lastCaughtUpMs > best.lastCaughtUpMs)
    if (isBetter) best = { id, ...follower }
  }
  return best?.id ?? AT_LEADER
}

function isReachable(broker: BrokerImage | undefined, reader: Reader): boolean {
  if (broker === undefined || broker.isFenced || broker.rack !== reader.rack) return false
  return broker.endpoints.some(({ name }) => name === reader.listenerName)
}
