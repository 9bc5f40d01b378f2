// Compresses a producer's batch anew with the codec that its topic asks for. Run in place for small batches, by a
// worker for large ones. Pure over bytes.
import type { CompressionCodec } from '../../protocol/compression/index.ts'
import {
  batchBaseSequence,
  batchProducerEpoch,
  batchProducerId,
  isTransactionalBatch,
} from '../../protocol/records/batch.ts'
import { buildBatch, compressBatch } from '../../protocol/records/build.ts'
import { readRecords } from '../../protocol/records/read.ts'
import type { WorkerTask } from '../runtime/runtime.ts'

export type CodecName = CompressionCodec

interface RecompressInput {
  /** One whole batch as the producer sent it. */
  records: Uint8Array
  codec: CodecName
  level: number | undefined
}

interface Recompressed {
  batch: Uint8Array
  /** Of the batch in between, not compressed. */
  plainBytes: number
}

export const recompressTask: WorkerTask<RecompressInput, Recompressed> = {
  name: 'recompress',
  run: (_context, input) => recompress(input),
}

export async function recompress({
  records,
  codec,
  level,
}: RecompressInput): Promise<Recompressed> {
  const batch = Buffer.from(records.buffer, records.byteOffset, records.length)
  const decoded = await readRecords(batch)
  const plain = buildBatch({
    records: decoded.map((record, offsetDelta) => ({ ...record, offsetDelta })),
    producerId: batchProducerId(batch, 0),
    producerEpoch: batchProducerEpoch(batch, 0),
    baseSequence: batchBaseSequence(batch, 0),
    isTransactional: isTransactionalBatch(batch, 0),
  })
  const plainBytes = plain.length
  return { batch: await compressBatch(plain, codec, level), plainBytes }
}
