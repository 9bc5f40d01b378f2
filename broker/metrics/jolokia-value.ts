// What of a value a Jolokia client gets: the part that its path names, as deep, as long and as much as it allows.
// Pure; called by jolokia.ts.
import { isObject, type Json, type Processing } from './jolokia-request.ts'

/** `*` stands for each key; null where there is no such part. */
export function partOf(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof value !== 'object' || value === null) return null
  if (step !== '*') return Object.hasOwn(value, step) ? partOf((value as Json)[step], rest) : null
  const parts: Json = {}
  for (const [key, each] of Object.entries(value)) {
    const part = partOf(each, rest)
    if (part !== null) parts[key] = part
  }
  return Object.keys(parts).length === 0 ? null : parts
}

/** What cannot be told in full stands as text. Without limits the value itself is given. */
export function limited(value: unknown, limits: Processing): unknown {
  const { maxDepth, maxCollectionSize, maxObjects } = limits
  if (maxDepth === 0 && maxCollectionSize === 0 && maxObjects === 0) return value
  let objects = 0
  const copy = (each: unknown, depth: number): unknown => {
    objects += 1
    if (maxObjects > 0 && objects > maxObjects + 1) return '[Object limit exceeded]'
    if (each === null || each === undefined) return null
    if (maxDepth > 0 && depth >= maxDepth) return textOf(each)
    if (typeof each !== 'object') return each
    const entries = Object.entries(each)
    const kept = maxCollectionSize > 0 ? entries.slice(0, maxCollectionSize) : entries
    const copies = kept.map(([key, part]) => [key, copy(part, depth + 1)] as const)
    return Array.isArray(each) ? copies.map(([, part]) => part) : Object.fromEntries(copies)
  }
  return copy(value, 0)
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`
  if (!isObject(value)) return String(value)
  const parts = Object.entries(value).map(([key, part]) => `${key}=${textOf(part)}`)
  return `{${parts.join(', ')}}`
}
