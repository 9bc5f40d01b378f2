// What must happen to a producer's batch before it can get its offset: looking at each record, and
// compressing it anew where the topic's compression.type is not the producer's. Nothing for nearly all
// batches. Pure but for the codecs' own threads.
import { codecNames } from '../../protocol/compression/index.ts'
import {
  batchBaseSequence,
  batchCodec,
  batchProducerEpoch,
  batchProducerId,
  isTransactionalBatch,
} from '../../protocol/records/batch.ts'
import { buildBatch, compressBatch } from '../../protocol/records/build.ts'
import { readRecords } from '../../protocol/records/read.ts'
import { checkSize, inspectFromClient, needsInspection } from './admission.ts'
import type { LogConfig } from './types.ts'

/**
 * null: append the batch as it is. Else a promise of what to append instead. Throws or rejects with
 * AppendError when the batch must be refused.
 */
export function prepareFromClient(
  records: Buffer,
  config: LogConfig,
  nowMs: number,
): Promise<Buffer> | null {
  const inspected = needsInspection(records, config, nowMs)
    ? inspectFromClient(records, config, nowMs)
    : undefined
  const codec = targetCodec(records, config)
  if (codec === null) return inspected === undefined ? null : inspected.then(() => records)
  return (inspected ?? Promise.resolve()).then(async () => {
    const recompressed = await recompress(records, codec)
    checkSize(recompressed.length, config)
    return recompressed
  })
}

type CodecName = (typeof codecNames)[number]

/** The codec to write, null when the batch has it already. */
function targetCodec(records: Buffer, config: LogConfig): CodecName | null {
  if (config.compressionType === 'producer') return null
  const wanted = config.compressionType === 'uncompressed' ? 'none' : config.compressionType
  return codecNames[batchCodec(records, 0)] === wanted ? null : wanted
}

async function recompress(records: Buffer, codec: CodecName): Promise<Buffer> {
  const decoded = await readRecords(records)
  const plain = buildBatch({
    records: decoded.map((record, offsetDelta) => ({ ...record, offsetDelta })),
    producerId: batchProducerId(records, 0),
    producerEpoch: batchProducerEpoch(records, 0),
    baseSequence: batchBaseSequence(records, 0),
    isTransactional: isTransactionalBatch(records, 0),
  })
  return compressBatch(plain, codec)
}
