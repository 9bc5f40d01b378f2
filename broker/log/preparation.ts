// What must happen to a producer's batch before it can get its offset: looking at each record, and
// compressing it anew where the topic's compression.type is not the producer's. Nothing for nearly all
// batches. Changes nothing itself; large batches are compressed by a worker.
import { codecNames } from '../../protocol/compression/index.ts'
import { batchCodec, batchRecordCount } from '../../protocol/records/batch.ts'
import type { Workers } from '../runtime/runtime.ts'
import { checkSize, inspectFromClient, needsInspection } from './admission.ts'
import { type CodecName, recompress, recompressTask } from './recompress-task.ts'
import type { LogConfig, RecordConversion } from './types.ts'

/** A larger batch is compressed anew off the event loop. */
const IN_PLACE_BYTES_MAX = 64 * 1024

export interface Prepared {
  records: Buffer
  /** null: they are as they came. */
  conversion: RecordConversion | null
}

/**
 * null: append the batch as it is. Else a promise of what to append instead. Throws or rejects with
 * AppendError when the batch must be refused.
 */
export function prepareFromClient(
  records: Buffer,
  config: LogConfig,
  context: { nowMs: number; monotonicMs: () => number; workers: Workers },
): Promise<Prepared> | null {
  const { nowMs, monotonicMs, workers } = context
  const inspected = needsInspection(records, config, nowMs)
    ? inspectFromClient(records, config, nowMs)
    : undefined
  const codec = targetCodec(records, config)
  if (codec === null) {
    return inspected === undefined ? null : inspected.then(() => ({ records, conversion: null }))
  }
  return (inspected ?? Promise.resolve()).then(async () => {
    const startedMs = monotonicMs()
    const input = { records, codec, level: levelOf(codec, config) }
    const isSmall = records.length <= IN_PLACE_BYTES_MAX
    const made = isSmall ? await recompress(input) : await workers.run(recompressTask, input)
    // A worker's answer is a plain array of bytes.
    const { buffer, byteOffset, length } = made.batch
    checkSize(length, config)
    const conversion = {
      recordCount: batchRecordCount(records, 0),
      durationMs: monotonicMs() - startedMs,
      temporaryBytes: made.plainBytes,
    }
    return { records: Buffer.from(buffer, byteOffset, length), conversion }
  })
}

/** The codec to write, null when the batch has it already. */
function targetCodec(records: Buffer, config: LogConfig): CodecName | null {
  if (config.compressionType === 'producer') return null
  const wanted = config.compressionType === 'uncompressed' ? 'none' : config.compressionType
  return codecNames[batchCodec(records, 0)] === wanted ? null : wanted
}

function levelOf(codec: CodecName, { compressionLevels }: LogConfig): number | undefined {
  if (codec === 'gzip' || codec === 'lz4' || codec === 'zstd') return compressionLevels[codec]
  return undefined
}
