import type { DecodedRecord } from '../../protocol/records/read.ts'

export type FilterField = 'key' | 'value' | 'headers'
export type RecordFilter = (record: DecodedRecord) => boolean

const ALL_FIELDS: readonly FilterField[] = ['key', 'value', 'headers']

/**
 * Contained text, case-insensitive, over the given fields (all when none). Null: everything
 * matches.
 */
export function createFilter(
  contains: string | undefined,
  fields: readonly FilterField[] | undefined,
): RecordFilter | null {
  if (contains === undefined || contains === '') return null
  const needle = contains.toLowerCase()
  const wanted = new Set(fields === undefined || fields.length === 0 ? ALL_FIELDS : fields)
  const has = (bytes: Buffer | null): boolean =>
    bytes?.toString('utf8').toLowerCase().includes(needle) ?? false
  return (record) =>
    (wanted.has('key') && has(record.key)) ||
    (wanted.has('value') && has(record.value)) ||
    (wanted.has('headers') &&
      record.headers.some(
        (header) => header.key.toLowerCase().includes(needle) || has(header.value),
      ))
}
