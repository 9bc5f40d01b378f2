import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Sample } from './chunk.ts'
import { FAMILIES, type Family, FIELDS, fieldName } from './fields.ts'
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
 * One cycle as one row: deflated; entity string | family id | samples, each field id | sub + 1 |
 * tag (0 integer as uvarint, 1 float64).
 */
export function encodeJournal(entities: readonly EntitySamples[]): Buffer {
  const writer = new VarintWriter()
  for (const { entity, family, samples } of entities) {
    writer.string(entity)
    writer.uvarint(FAMILIES[family])
    writer.uvarint(samples.length)
    for (const { field, sub, value } of samples) {
      writer.uvarint(FIELDS[field].id)
      writer.uvarint(sub + 1)
      if (Number.isSafeInteger(value) && value >= 0) {
        writer.byte(0)
        writer.uvarint(value)
      } else {
        writer.byte(1)
        writer.float64(value)
      }
    }
  }
  return deflateRawSync(writer.bytes(), { level: 1 })
}

export function decodeJournal(data: Uint8Array): EntitySamples[] {
  const reader = new VarintReader(inflateRawSync(data))
  const entities: EntitySamples[] = []
  while (!reader.isAtEnd) {
    const entity = reader.string()
    const family = familyById.get(reader.uvarint())
    const sampleCount = reader.uvarint()
    const samples: Sample[] = []
    for (let i = 0; i < sampleCount; i++) {
      const field = fieldName(reader.uvarint())
      const sub = reader.uvarint() - 1
      const value = reader.byte() === 0 ? reader.uvarint() : reader.float64()
      if (field !== null) samples.push({ field, sub, value })
    }
    if (family !== undefined) entities.push({ entity, family, samples })
  }
  return entities
}
