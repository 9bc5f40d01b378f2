// All groups of one partition of `__consumer_offsets` while this broker leads it. Loads them from the log,
// owns their timers, writes their records. Gone with the leadership; what was answered is in the log.
import { ErrorCode } from '../../../protocol/errors.ts'
import type { GroupMetadataValue } from '../../../protocol/messages/group/group-metadata-value.ts'
import type { OffsetCommitValue } from '../../../protocol/messages/group/offset-commit-value.ts'
import { NO_PRODUCER_ID } from '../../../protocol/records/batch.ts'
import type { DecodedRecord } from '../../../protocol/records/read.ts'
import type { Runtime, TimerHandle } from '../../runtime/runtime.ts'
import type { LogWriter, TransactionalProducer } from '../log-writer.ts'
import { ClassicGroup, type ClassicGroupSettings } from './classic-group.ts'
import type { GroupMeasures } from './group-measures.ts'
import { type CommittedOffset, OffsetStore } from './offset-store.ts'
import { type OffsetKey, PendingOffsets } from './pending-offsets.ts'
import { type CoordinatorRecord, groupRecord, offsetRecord, parseRecord } from './records.ts'

export interface ShardSettings extends ClassicGroupSettings {
  offsetsRetentionMs: number
}

export class GroupShard {
  readonly partition: number
  readonly leaderEpoch: number
  readonly offsets = new OffsetStore()
  readonly pending = new PendingOffsets(this.offsets)
  readonly groups = new Map<string, ClassicGroup>()
  state: 'loading' | 'active' | 'closed' = 'loading'
  readonly #runtime: Runtime
  readonly #writer: LogWriter
  readonly #settings: ShardSettings
  readonly #measures: GroupMeasures | null
  readonly #timers = new Map<string, TimerHandle>()
  /** Heard while loading, perhaps from behind the offset at which loading ends. */
  #earlyMarkers: { producerId: number; isCommitted: boolean; offset: number }[] = []
  /** Groups as last seen in the log, until loading ends. */
  #loaded = new Map<string, GroupMetadataValue>()

  constructor(options: {
    partition: number
    leaderEpoch: number
    runtime: Runtime
    writer: LogWriter
    settings: ShardSettings
    measures?: GroupMeasures
  }) {
    this.partition = options.partition
    this.leaderEpoch = options.leaderEpoch
    this.#runtime = options.runtime
    this.#writer = options.writer
    this.#settings = options.settings
    this.#measures = options.measures ?? null
  }

  // ---- loading

  /** `producerId`: whose transaction it is in, or NO_PRODUCER_ID. */
  replay(record: DecodedRecord, producerId: number): void {
    if (record.key === null) return
    const parsed = parseRecord({ key: record.key, value: record.value })
    if (parsed.type === 'offset') {
      const { key, value } = parsed
      const stored = value && storedOffset(value, record.offset)
      if (stored !== null && producerId !== NO_PRODUCER_ID) {
        this.pending.replay(producerId, key, stored)
        return
      }
      this.offsets.replay(key, stored, record.offset)
      if (stored === null) this.pending.drop(key, record.offset)
    } else if (parsed.type === 'group') {
      if (parsed.value === null) this.#loaded.delete(parsed.key.group)
      else this.#loaded.set(parsed.key.group, parsed.value)
    }
  }

  /** The transaction's marker at `offset` is committed. */
  completeTransaction(producerId: number, isCommitted: boolean, offset: number): void {
    if (this.state === 'active') this.pending.complete(producerId, isCommitted, offset)
    else this.#earlyMarkers.push({ producerId, isCommitted, offset })
  }

  activate(): void {
    for (const { producerId, isCommitted, offset } of this.#earlyMarkers) {
      this.pending.complete(producerId, isCommitted, offset)
    }
    this.#earlyMarkers = []
    for (const [groupId, value] of this.#loaded) this.#create(groupId).restore(value)
    for (const groupId of [...this.offsets.groups(), ...this.pending.groups()]) {
      if (!this.groups.has(groupId)) this.#create(groupId)
    }
    this.#loaded = new Map()
    this.state = 'active'
  }

  close(): void {
    this.state = 'closed'
    this.#writer.close()
    for (const group of this.groups.values()) group.die(ErrorCode.NOT_COORDINATOR)
    for (const handle of this.#timers.values()) this.#runtime.timers.clear(handle)
    this.#timers.clear()
    this.groups.clear()
  }

  // ---- groups

  /** The group, or null when nothing is known of it. */
  get(groupId: string): ClassicGroup | null {
    return this.groups.get(groupId) ?? null
  }

  getOrCreate(groupId: string): ClassicGroup {
    return this.groups.get(groupId) ?? this.#create(groupId)
  }

  #create(groupId: string): ClassicGroup {
    const timerName = (key: string): string => `${groupId}\0${key}`
    const group = new ClassicGroup(
      groupId,
      {
        nowMs: () => this.#runtime.clock.nowMs(),
        setTimer: (key, delayMs) => {
          const name = timerName(key)
          this.#runtime.timers.clear(this.#timers.get(name) ?? null)
          const handle = this.#runtime.timers.set(delayMs, () => {
            this.#timers.delete(name)
            group.onTimer(key)
          })
          this.#timers.set(name, handle)
        },
        clearTimer: (key) => {
          const name = timerName(key)
          this.#runtime.timers.clear(this.#timers.get(name) ?? null)
          this.#timers.delete(name)
        },
        uuid: () => uuidText(this.#runtime.random.uuid()),
        persist: (done) => {
          this.#writer.write([groupRecord(groupId, group.snapshot())], (code) => done(code))
        },
        rebalanced: () => this.#measures?.rebalanced(),
        log: (message) => this.#runtime.logger.log('info', message),
      },
      this.#settings,
    )
    this.groups.set(groupId, group)
    return group
  }

  /** Writes offset records and takes them up once committed. */
  commit(records: readonly CoordinatorRecord[], done: (errorCode: number) => void): void {
    this.#writer.write(records, (errorCode, firstOffset) => {
      if (errorCode === ErrorCode.NONE && this.state === 'active') {
        records.forEach((record, i) => {
          this.replayCommitted(record, firstOffset + i)
        })
      }
      done(errorCode)
    })
  }

  private replayCommitted(record: CoordinatorRecord, offset: number): void {
    const parsed = parseRecord(record)
    if (parsed.type !== 'offset') return
    const decoded = { ...record, offset, timestampMs: 0, headers: [], sizeBytes: 0 }
    this.replay(decoded, NO_PRODUCER_ID)
  }

  /** Writes offsets that count once the producer's transaction commits; pending from this call on. */
  commitTransactional(
    offsets: readonly { key: OffsetKey; value: OffsetCommitValue }[],
    producer: TransactionalProducer,
    done: (errorCode: number) => void,
  ): void {
    const keys = offsets.map(({ key }) => key)
    const held = this.pending.hold(producer.producerId, keys)
    const records = offsets.map(({ key, value }) => offsetRecord(key, value))
    this.#writer.write(
      records,
      (errorCode, firstOffset) => {
        const isWritten = errorCode === ErrorCode.NONE
        const values = offsets.map(({ value }, i) => storedOffset(value, firstOffset + i))
        this.pending.settle(held, isWritten ? values : null)
        done(errorCode)
      },
      producer,
    )
  }

  /** Tombstones for all offsets of a group that `where` names, pending ones too. */
  #tombstones(
    group: string,
    where: (topic: string, partition: number) => boolean = () => true,
  ): CoordinatorRecord[] {
    const records = this.offsets.tombstones(group, where)
    for (const key of this.pending.keys(group)) {
      if (!where(key.topic, key.partition)) continue
      const isCommitted = this.offsets.get(group, key.topic, key.partition) !== null
      if (!isCommitted) records.push(offsetRecord(key, null))
    }
    return records
  }

  /** Removes single offsets of a group; nothing is written where it has none of those. */
  deleteOffsets(
    groupId: string,
    isWanted: (topic: string, partition: number) => boolean,
    done: (errorCode: number) => void,
  ): void {
    const records = this.#tombstones(groupId, isWanted)
    if (records.length === 0) return done(ErrorCode.NONE)
    this.commit(records, (errorCode) => {
      if (errorCode === ErrorCode.NONE) this.#measures?.deleted(records.length)
      done(errorCode)
    })
  }

  /** Removes an empty group with its offsets. The error is a value: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND. */
  delete(groupId: string, done: (errorCode: number) => void): void {
    const group = this.groups.get(groupId)
    if (group === undefined || group.isIn('Dead')) return done(ErrorCode.GROUP_ID_NOT_FOUND)
    if (!group.isIn('Empty')) return done(ErrorCode.NON_EMPTY_GROUP)
    const records = [...this.#tombstones(groupId), groupRecord(groupId, null)]
    this.commit(records, (errorCode) => {
      // A member that joined while the tombstones were written keeps the group alive.
      if (errorCode === ErrorCode.NONE && group.isIn('Empty')) this.#drop(group)
      done(errorCode)
    })
  }

  #drop(group: ClassicGroup): void {
    group.die(ErrorCode.UNKNOWN_MEMBER_ID)
    this.groups.delete(group.groupId)
  }

  /** Offsets past offsets.retention.minutes, of groups that nobody is a member of; then such groups. */
  expire(): void {
    const nowMs = this.#runtime.clock.nowMs()
    for (const group of [...this.groups.values()]) {
      if (!group.isIn('Empty')) continue
      const sinceMs = group.protocolType === null ? 0 : group.stateSinceMs
      const { groupId } = group
      const records = this.offsets.tombstones(groupId, (topic, partition, offset) => {
        if (this.pending.isOpen({ group: groupId, topic, partition })) return false
        const idleSinceMs = Math.max(sinceMs, offset.commitTimestampMs)
        return nowMs - idleSinceMs >= this.#settings.offsetsRetentionMs
      })
      const kept = this.offsets.topics(group.groupId)
      let count = 0
      for (const partitions of kept.values()) count += partitions.size
      const expiredCount = records.length
      const isEmptied = records.length === count && !this.pending.has(groupId)
      if (isEmptied) records.push(groupRecord(group.groupId, null))
      else if (records.length === 0) continue
      this.commit(records, (errorCode) => {
        if (errorCode === ErrorCode.NONE) this.#measures?.expired(expiredCount)
        const isGone = errorCode === ErrorCode.NONE && isEmptied && group.isIn('Empty')
        if (isGone && !this.offsets.has(group.groupId)) this.#drop(group)
      })
    }
  }

  /** Committed offsets of a deleted topic go with it. */
  forgetTopic(topic: string): void {
    const groups = new Set([...this.offsets.groups(), ...this.pending.groups()])
    const records = [...groups].flatMap((group) => this.#tombstones(group, (t) => t === topic))
    if (records.length > 0) this.commit(records, () => undefined)
  }
}

function storedOffset(value: OffsetCommitValue, logOffset: number): CommittedOffset {
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: value.commitTimestamp,
    logOffset,
  }
}

/** Kafka's member ids end in a UUID of the usual textual form. */
function uuidText(base64url: string): string {
  const hex = Buffer.from(base64url, 'base64url').toString('hex')
  return [8, 12, 16, 20, 32]
    .map((end, i, ends) => hex.slice(i === 0 ? 0 : ends[i - 1], end))
    .join('-')
}
