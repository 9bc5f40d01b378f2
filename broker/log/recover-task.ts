// Recovers one partition directory in a worker thread: checks what an unclean stop left behind and leaves the
// directory as a clean close does (indexes, producer snapshot, epochs), only not synced. LogLoader runs it, then
// opens the log as if it had been closed. A crash at any point just means recovering again.
import path from 'node:path'
import type { WorkerContext, WorkerTask } from '../runtime/runtime.ts'
import { encodeEpochs } from './checkpoints.ts'
import { FileHandles } from './file-handles.ts'
import { LEADER_EPOCH_FILE } from './names.ts'
import { encodeSnapshot } from './producer-snapshot-format.ts'
import { type LoadedLog, loadLog } from './recovery.ts'

export interface RecoverInput {
  directory: string
  /** For log lines, `<topic>-<partition>`. */
  name: string
  recoveryPoint: number
  logStartOffset: number
  indexIntervalBytes: number
}

export interface RecoverOutput {
  logStartOffset: number
  logEndOffset: number
  /** Everything below had been synced before the stop. */
  recoveryPoint: number
}

/** Bytes of one more segment that has been checked. */
export type RecoverProgress = number

export const recoverTask: WorkerTask<RecoverInput, RecoverOutput, RecoverProgress> = {
  name: 'recover-log',
  run: recover,
}

async function recover(
  context: WorkerContext<RecoverProgress>,
  input: RecoverInput,
): Promise<RecoverOutput> {
  const { disk, clock, logger } = context
  const handles = new FileHandles(disk)
  try {
    const loaded = await loadLog({
      context: { disk, handles, nowMs: () => clock.nowMs() },
      logger: logger.child(`[Log ${input.name}]`),
      directory: input.directory,
      recoveryPoint: input.recoveryPoint,
      logStartOffset: input.logStartOffset,
      hadCleanShutdown: false,
      indexIntervalBytes: input.indexIntervalBytes,
      onSegment: (sizeBytes) => context.report(sizeBytes),
    })
    await leaveAsClosed(context, input, loaded)
    const { logStartOffset, logEndOffset, recoveryPoint } = loaded
    return { logStartOffset, logEndOffset, recoveryPoint }
  } finally {
    await handles.closeAll()
  }
}

async function leaveAsClosed(
  { disk }: WorkerContext<RecoverProgress>,
  input: RecoverInput,
  loaded: LoadedLog,
): Promise<void> {
  const { segments, snapshots, producers, epochs, logEndOffset } = loaded
  await segments.active.seal()
  if (logEndOffset > Math.max(0, snapshots.latestOffset)) {
    await snapshots.write(logEndOffset, encodeSnapshot(producers.all()))
  }
  const file = path.join(input.directory, LEADER_EPOCH_FILE)
  if (epochs.version > 0) await disk.writeFileAtomic(file, encodeEpochs(epochs.all()))
}
