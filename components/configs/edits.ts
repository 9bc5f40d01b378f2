import type { ConfigEntry } from '../../contracts/configs.ts'

/** What a person is about to change: a new value, or back to the default. */
export type ConfigEdit =
  | { readonly kind: 'set'; readonly value: string }
  | { readonly kind: 'reset' }

export type ConfigEdits = Readonly<Record<string, ConfigEdit>>

/** An edit that would leave the entry as it is counts as none. */
export const withEdit = (
  edits: ConfigEdits,
  entry: Pick<ConfigEntry, 'name' | 'value'>,
  edit: ConfigEdit | null,
): ConfigEdits => {
  const rest = Object.fromEntries(Object.entries(edits).filter(([name]) => name !== entry.name))
  if (edit === null) return rest
  return { ...rest, [entry.name]: edit }
}

/** Only edits that change something: setting what is set already is none. */
export const effectiveEdits = (
  edits: ConfigEdits,
  entries: readonly Pick<ConfigEntry, 'name' | 'value'>[],
): ConfigEdits => {
  const values = new Map(entries.map((entry) => [entry.name, entry.value]))
  return Object.fromEntries(
    Object.entries(edits).filter(
      ([name, edit]) => edit.kind === 'reset' || edit.value !== (values.get(name) ?? ''),
    ),
  )
}

export const patchOf = (edits: ConfigEdits): { set: Record<string, string>; delete: string[] } => {
  const patch: { set: Record<string, string>; delete: string[] } = { set: {}, delete: [] }
  for (const [name, edit] of Object.entries(edits)) {
    if (edit.kind === 'set') patch.set[name] = edit.value
    else patch.delete.push(name)
  }
  return patch
}

/** The override that this resource itself carries, which alone can be set back. */
export const isOwnOverride = (
  entry: Pick<ConfigEntry, 'source'>,
  entity: 'topic' | 'broker' | 'broker-default',
): boolean => entry.source === entity

const MS_STEPS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const
const BYTE_STEPS = [
  [1024 ** 3, 'GB'],
  [1024 ** 2, 'MB'],
  [1024, 'KB'],
] as const

/** "= 7 d" beside 604800000, "= 1 GB" beside 1073741824; null where nothing is gained. */
/** One broker's own file says nothing about the others: its host and id are no default of the cluster. */
export const isOfEntity = (
  entry: Pick<ConfigEntry, 'isReadOnly' | 'source'>,
  entity: 'topic' | 'broker' | 'broker-default',
): boolean => entity !== 'broker-default' || !entry.isReadOnly || entry.source !== 'static'

const UNLIMITED = new Set(['9223372036854775807', '2147483647'])

/** The largest number that there is means that nothing is refused or done for reaching it. */
export const isUnlimited = (value: string | null): boolean => value !== null && UNLIMITED.has(value)

export const readableValue = (name: string, value: string | null): string | null => {
  if (value === null || !/^\d{1,15}$/.test(value)) return null
  const number = Number(value)
  if (number === 0) return null
  const steps = /(^|\.)ms$/.test(name) ? MS_STEPS : /(^|\.)bytes$/.test(name) ? BYTE_STEPS : null
  if (steps === null) return null
  for (const [size, unit] of steps) {
    if (number >= size && (number / size) * 10 === Math.round((number / size) * 10)) {
      return `${number / size} ${unit}`
    }
  }
  return null
}
