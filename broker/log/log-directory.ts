// One log directory of a broker: its lock, meta.properties, offset checkpoints and clean-shutdown marker.
// Used by LogManager. Checkpoints are replaced whole; a damaged one counts as absent, which only means
// more to check on opening.
import path from 'node:path'
import type { Disk, DiskLock, Logger, Runtime } from '../runtime/runtime.ts'
import {
  CheckpointError,
  CLEAN_SHUTDOWN_FILE,
  CLEANER_OFFSET_FILE,
  decodeCleanShutdown,
  decodeMetaProperties,
  decodeOffsets,
  encodeCleanShutdown,
  encodeMetaProperties,
  encodeOffsets,
  HIGH_WATERMARK_FILE,
  LOCK_FILE,
  LOG_START_FILE,
  META_PROPERTIES_FILE,
  RECOVERY_POINT_FILE,
  readTextFile,
} from './checkpoints.ts'
import type { Checkpoint } from './log-chores.ts'
import type { PartitionLog } from './partition-log.ts'

export interface DirectoryOwner {
  clusterId: string
  nodeId: number
}

export interface CheckpointedOffsets {
  recoveryPoints: Map<string, number>
  highWatermarks: Map<string, number>
  logStarts: Map<string, number>
  /** Of compacted logs: everything below has been compacted. */
  firstDirty: Map<string, number>
}

/** The offset of a log that stands in no line; the others are 0 or more. */
const NONE = -1

/** What a checkpoint file was made of: log by log. */
interface Written {
  readonly logs: readonly PartitionLog[]
  readonly offsets: Float64Array
}

export class LogDirectory {
  readonly path: string
  readonly directoryId: string
  /** Broker epoch of the last clean stop, -1 when it told none; null after an unclean one. */
  readonly cleanShutdownEpoch: number | null
  readonly checkpointed: CheckpointedOffsets
  isOnline = true
  /** Logs in it, future ones and those being made included. */
  logCount = 0
  /** What the checkpoint files hold, to spare writing the same again: most logs stand still. */
  readonly #written = new Map<string, Written>()
  readonly #disk: Disk
  readonly #lock: DiskLock
  #writing: Promise<void> = Promise.resolve()

  private constructor(
    disk: Disk,
    lock: DiskLock,
    found: {
      path: string
      directoryId: string
      cleanShutdownEpoch: number | null
      checkpointed: CheckpointedOffsets
    },
  ) {
    this.#disk = disk
    this.#lock = lock
    this.path = found.path
    this.directoryId = found.directoryId
    this.cleanShutdownEpoch = found.cleanShutdownEpoch
    this.checkpointed = found.checkpointed
  }

  /**
   * Locks and reads a directory, made if absent. Throws (code ELOCKED) when another process has it, and
   * CheckpointError when it belongs to another cluster or node. The clean marker is gone afterwards.
   */
  static async open(
    runtime: Runtime,
    target: string,
    owner: DirectoryOwner,
  ): Promise<LogDirectory> {
    const { disk, logger } = runtime
    await disk.mkdir(target)
    const lock = await disk.lock(path.join(target, LOCK_FILE))
    try {
      const directoryId = await claim(runtime, target, owner)
      const marker = path.join(target, CLEAN_SHUTDOWN_FILE)
      const markerText = await readTextFile(disk, marker)
      if (markerText !== null) {
        await disk.remove(marker)
        await disk.syncDirectory(target)
      }
      const read = (file: string) => readOffsets(disk, logger, path.join(target, file))
      return new LogDirectory(disk, lock, {
        path: target,
        directoryId,
        cleanShutdownEpoch: markerText === null ? null : decodeCleanShutdown(markerText),
        checkpointed: {
          recoveryPoints: await read(RECOVERY_POINT_FILE),
          highWatermarks: await read(HIGH_WATERMARK_FILE),
          logStarts: await read(LOG_START_FILE),
          firstDirty: await read(CLEANER_OFFSET_FILE),
        },
      })
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** Writes one of the checkpoints, or all of them, as far as they changed. */
  async checkpoint(logs: readonly PartitionLog[], what?: Checkpoint): Promise<void> {
    const isAsked = (one: Checkpoint) => what === undefined || what === one
    if (isAsked('recovery points')) await this.checkpointRecoveryPoints(logs)
    if (isAsked('high watermarks')) {
      await this.#write(HIGH_WATERMARK_FILE, logs, (log) => log.highWatermark)
    }
    if (!isAsked('log starts')) return
    await this.#write(LOG_START_FILE, logs, (log) =>
      log.logStartOffset > 0 ? log.logStartOffset : NONE,
    )
  }

  /** With them the first dirty offsets: a truncation lowers both, and neither may claim what is gone. */
  async checkpointRecoveryPoints(logs: readonly PartitionLog[]): Promise<void> {
    await this.#write(RECOVERY_POINT_FILE, logs, (log) => log.recoveryPoint)
    await this.#write(
      CLEANER_OFFSET_FILE,
      logs,
      (log) => log.compaction.state.firstDirtyOffset ?? NONE,
    )
  }

  /** Logs of which `offsetOf` gives NONE are left out. */
  #write(
    file: string,
    logs: readonly PartitionLog[],
    offsetOf: (log: PartitionLog) => number,
  ): Promise<void> {
    const turn = this.#writing.then(async () => {
      if (!this.isOnline) return
      const offsets = new Float64Array(logs.length)
      for (const [index, log] of logs.entries()) offsets[index] = offsetOf(log)
      const next = { logs, offsets }
      if (isSame(this.#written.get(file), next)) return
      this.#written.delete(file)
      await this.#disk.writeFileAtomic(path.join(this.path, file), encodeOffsets(linesOf(next)))
      this.#written.set(file, next)
    })
    this.#writing = turn.catch(() => undefined)
    return turn
  }

  async markClean(brokerEpoch: number): Promise<void> {
    const marker = path.join(this.path, CLEAN_SHUTDOWN_FILE)
    await this.#disk.writeFileAtomic(marker, encodeCleanShutdown(brokerEpoch))
  }

  async release(): Promise<void> {
    await this.#writing
    await this.#lock.release()
  }
}

function isSame(written: Written | undefined, { logs, offsets }: Written): boolean {
  if (written === undefined || written.logs.length !== logs.length) return false
  for (let index = 0; index < logs.length; index += 1) {
    if (written.logs[index] !== logs[index] || written.offsets[index] !== offsets[index]) {
      return false
    }
  }
  return true
}

function* linesOf({ logs, offsets }: Written) {
  for (const [index, { topic, partition }] of logs.entries()) {
    const offset = offsets[index] as number // Safe because both are of one length.
    if (offset !== NONE) yield { topic, partition, offset }
  }
}

/** Checks or writes meta.properties; gives the directory id. */
async function claim(runtime: Runtime, target: string, owner: DirectoryOwner): Promise<string> {
  const { disk, random } = runtime
  const file = path.join(target, META_PROPERTIES_FILE)
  const text = await readTextFile(disk, file)
  if (text === null) {
    const directoryId = random.uuid()
    await disk.writeFileAtomic(file, encodeMetaProperties({ ...owner, directoryId }))
    return directoryId
  }
  const meta = decodeMetaProperties(text)
  for (const [name, found, expected] of [
    ['cluster.id', meta.clusterId, owner.clusterId],
    ['node.id', meta.nodeId, owner.nodeId],
  ]) {
    if (found === expected) continue
    throw new CheckpointError(`${file} says ${name}=${found}, this broker has ${expected}`)
  }
  if (meta.directoryId !== '') return meta.directoryId
  const directoryId = random.uuid()
  await disk.writeFileAtomic(file, encodeMetaProperties({ ...owner, directoryId }))
  return directoryId
}

async function readOffsets(disk: Disk, logger: Logger, file: string): Promise<Map<string, number>> {
  const text = await readTextFile(disk, file)
  // Apache Kafka makes its checkpoints empty before it first writes them.
  if (text === null || text === '') return new Map()
  try {
    return decodeOffsets(text)
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error
    logger.log('warn', 'Going on without a damaged checkpoint', { file, reason: error.message })
    return new Map()
  }
}
