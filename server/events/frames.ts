import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'
import type { Change } from './change.ts'
import { type ClusterFacts, type FactsJson, factsFromJson, factsToJson } from './facts.ts'

/** What a history row holds: the whole state (0), or all that one collection found changed (1). */
export type Frame =
  | { readonly kind: 0; readonly facts: ClusterFacts }
  | { readonly kind: 1; readonly changes: readonly Change[] }

const pack = promisify(gzip)
const unpack = promisify(gunzip)
/** The whole of a cluster with a million partitions is smaller. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024

/** gzip of JSON, off the event loop; JSON compresses by a factor of ten or more here. */
export async function encodeFrame(frame: Frame): Promise<Buffer> {
  const json = frame.kind === 0 ? factsToJson(frame.facts) : frame.changes
  return pack(JSON.stringify(json), { level: constants.Z_BEST_SPEED })
}

/** Throws for bytes that `encodeFrame` has not written. */
export async function decodeFrame(kind: number, data: Uint8Array): Promise<Frame> {
  const json: unknown = JSON.parse(
    (await unpack(data, { maxOutputLength: UNPACKED_BYTES_MAX })).toString(),
  )
  // Safe because encodeFrame alone writes these bytes, in these shapes.
  if (kind === 0) return { kind: 0, facts: factsFromJson(json as FactsJson) }
  return { kind: 1, changes: json as Change[] }
}
