import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Sample } from './chunk.ts'
import { FAMILIES, type Family, FIELDS, type FieldName, fieldName } from './fields.ts'
import { VarintReader, VarintWriter } from './varint.ts'

export interface EntitySamples {
  readonly entity: string
  readonly family: Family
  readonly samples: readonly Sample[]
}

/** All that one poll of one cluster measured, at one time. */
export interface Cycle {
  readonly clusterId: string
  readonly tMs: number
  readonly entities: readonly EntitySamples[]
}

const familyById = new Map<number, Family>(
  Object.entries(FAMILIES).map(([name, id]) => [id, name as Family]),
)

/**
 * One cycle as one row, deflated. Per entity: name | family id | bytes of its samples | samples,
 * each field id | sub + 1 | tag (0 integer as uvarint, 1 float64).
 */
export function encodeJournal(entities: readonly EntitySamples[]): Buffer {
  const writer = new VarintWriter()
  const body = new VarintWriter()
  for (const { entity, family, samples } of entities) {
    body.clear()
    for (const { field, sub, value } of samples) {
      body.uvarint(FIELDS[field].id)
      body.uvarint(sub + 1)
      if (Number.isSafeInteger(value) && value >= 0) {
        body.byte(0)
        body.uvarint(value)
      } else {
        body.byte(1)
        body.float64(value)
      }
    }
    const bytes = body.bytes()
    writer.string(entity)
    writer.uvarint(FAMILIES[family])
    writer.uvarint(bytes.length)
    writer.raw(bytes)
  }
  return deflateRawSync(writer.bytes(), { level: 1 })
}

/** Where each entity's samples are, by `journalKey`: a page wants a few of thousands. */
export type JournalIndex = ReadonlyMap<string, Buffer>

export function journalKey(entity: string, family: Family): string {
  return `${entity} ${family}`
}

export function indexJournal(data: Uint8Array): JournalIndex {
  const index = new Map<string, Buffer>()
  for (const { entity, family, body } of readEntities(data)) {
    index.set(journalKey(entity, family), body)
  }
  return index
}

export function decodeJournal(data: Uint8Array): EntitySamples[] {
  return [...readEntities(data)].map(({ entity, family, body }) => {
    return { entity, family, samples: decodeSamples(body) }
  })
}

/** Those that are `wanted`, in the order in which they were written. */
export function decodeSamples(
  body: Buffer,
  wanted: (field: FieldName, sub: number) => boolean = () => true,
): Sample[] {
  const reader = new VarintReader(body)
  const samples: Sample[] = []
  while (!reader.isAtEnd) {
    const field = fieldName(reader.uvarint())
    const sub = reader.uvarint() - 1
    const value = reader.byte() === 0 ? reader.uvarint() : reader.float64()
    if (field !== null && wanted(field, sub)) samples.push({ field, sub, value })
  }
  return samples
}

/** Families that this version does not know are left out. */
function* readEntities(
  data: Uint8Array,
): Generator<{ entity: string; family: Family; body: Buffer }> {
  const reader = new VarintReader(inflateRawSync(data))
  while (!reader.isAtEnd) {
    const entity = reader.string()
    const family = familyById.get(reader.uvarint())
    const body = reader.slice(reader.uvarint())
    if (family !== undefined) yield { entity, family, body }
  }
}
