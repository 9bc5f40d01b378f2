import { readClusterInventory } from '../clusters/inventory.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import type { ClusterFacts } from './facts.ts'
import { keptFrom, readStateAt } from './store.ts'

export interface PastState {
  readonly facts: ClusterFacts
  readonly atMs: number
  /** When it was last confirmed by a reading: `atMs`, unless nothing was collected then. */
  readonly asOf: number
}

/** Somebody who moves the slider asks for several pages of one minute, and goes to and fro. */
const CACHED_MAX = 4
/** Of younger times something may still be written. */
const SETTLED_MS = 60_000
// Next gives each route its own instance of a module: one cache for all of them.
const holder = globalThis as { eyriePastStates?: Map<string, Promise<ClusterFacts | null>> }

/**
 * The cluster as it was then. Throws ServiceError `not-found` for an unknown cluster and for a time
 * that is not kept.
 */
export async function readPast(clusterId: string, atMs: number): Promise<PastState> {
  const { asOf: lastReadMs } = await readClusterInventory(clusterId)
  const readMs = Math.min(atMs, lastReadMs ?? atMs)
  const isSettled = lastReadMs !== null && lastReadMs - readMs > SETTLED_MS
  const facts = await (isSettled ? cachedState : stateAt)(clusterId, readMs)
  if (facts === null) {
    const from = await keptFrom(await database(), clusterId)
    throw refusal('history-not-kept', { from: from === null ? '–' : new Date(from).toISOString() })
  }
  return {
    facts,
    atMs,
    asOf: facts.reach === 'read' ? readMs : Math.min(readMs, facts.reachSinceMs),
  }
}

function cachedState(clusterId: string, atMs: number): Promise<ClusterFacts | null> {
  holder.eyriePastStates ??= new Map()
  const cache = holder.eyriePastStates
  const key = `${clusterId} ${atMs}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const reading = stateAt(clusterId, atMs)
  reading.catch(() => cache.delete(key))
  cache.set(key, reading)
  for (const oldest of cache.keys()) {
    if (cache.size <= CACHED_MAX) break
    cache.delete(oldest)
  }
  return reading
}

async function stateAt(clusterId: string, atMs: number): Promise<ClusterFacts | null> {
  return (await readStateAt(await database(), clusterId, atMs))?.facts ?? null
}

/** Case is ignored; nothing is looked for: everything fits. */
export function namesHold(name: string, search: string | undefined): boolean {
  return search === undefined || name.toLowerCase().includes(search.toLowerCase())
}

/** A page of a list that is sorted by a column, with those that have no value last. */
export function sortedPage<T extends object>(
  items: readonly T[],
  by: { sort: string; value: (item: T, column: string) => string | number | null; name: keyof T },
  { page, pageSize }: { page: number; pageSize: number },
): T[] {
  const column = by.sort.replace(/^-/, '')
  const sign = by.sort.startsWith('-') ? -1 : 1
  const sorted = [...items].sort((a, b) => {
    const [left, right] = [by.value(a, column), by.value(b, column)]
    if (left === null || right === null) {
      if (left !== right) return left === null ? 1 : -1
    } else if (left !== right) return (left < right ? -1 : 1) * sign
    return String(a[by.name]) < String(b[by.name]) ? -1 : 1
  })
  return sorted.slice((page - 1) * pageSize, page * pageSize)
}

/** Those that were down, or not known any more. */
export function offlineOf(facts: ClusterFacts, replicas: readonly number[]): number[] {
  return replicas.filter((id) => facts.brokers.get(id)?.state !== 'online')
}
