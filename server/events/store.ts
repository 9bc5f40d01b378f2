import type { Database } from '../db/client.ts'
import { deleteSome } from '../db/dialect.ts'
import { type RowTarget, upsertRows } from '../db/rows.ts'
import { applyChanges } from './apply.ts'
import type { Change, EventLine } from './change.ts'
import type { ClusterFacts } from './facts.ts'
import { decodeFrame, type Frame } from './frames.ts'

/** Of every text in a key, on all databases. */
const KEY_CHARS_MAX = 249
/** Frames that one state may have to be made from. */
export const CHANGES_PER_KEY = 500

export interface PackedFrame {
  readonly kind: Frame['kind']
  readonly atMs: number
  readonly data: Buffer
}

/** Of an event seen at that time, at least: so times bound ids. */
export function seqAt(atMs: number): number {
  return atMs * 1_000
}

/** As keys hold it: a longer name is cut. */
export function keyText(text: string): string {
  return text.slice(0, KEY_CHARS_MAX)
}

export async function writeFrames(
  db: Database,
  clusterId: string,
  frames: readonly PackedFrame[],
): Promise<void> {
  const data = frames.map((frame) => ({
    clusterId,
    kind: frame.kind,
    atMs: BigInt(frame.atMs),
    data: new Uint8Array(frame.data),
  }))
  if (data.length > 0) await db.historyFrame.createMany({ data })
}

const LINES: Omit<RowTarget, 'same'> = {
  table: 'ClusterEvent',
  key: ['clusterId', 'seq'],
  columns: {
    seq: 'bigint',
    type: 'text',
    subjectType: 'text',
    subject: 'text',
    level: 'integer',
    actor: 'text',
    action: 'text',
    data: 'text',
  },
}

/** Lines of one collection; their ids follow on `firstSeq`. */
export async function writeLines(
  db: Database,
  of: { clusterId: string; atMs: number; firstSeq: number },
  lines: readonly EventLine[],
): Promise<void> {
  const { firstSeq, ...same } = of
  const rows = lines.map((line, index) => {
    const { type, subjectType, level, actor, action, before, after, bulk } = line
    const data = JSON.stringify({ before, after, ...(bulk !== null && { bulk }) })
    const subject = keyText(line.subject)
    const who = actor === null ? null : keyText(actor)
    return JSON.stringify([firstSeq + index, type, subjectType, subject, level, who, action, data])
  })
  await upsertRows(db, { ...LINES, same }, rows)
}

/** Who did it, found out later. */
export async function nameDoer(
  db: Database,
  of: { clusterId: string; seqs: readonly number[] },
  doer: { actor: string; action: string },
): Promise<void> {
  const seq = { in: of.seqs.map(BigInt) }
  await db.clusterEvent.updateMany({ where: { clusterId: of.clusterId, seq }, data: doer })
}

export async function lastSeqOf(db: Database, clusterId: string): Promise<number> {
  const row = await db.clusterEvent.findFirst({
    where: { clusterId },
    orderBy: { seq: 'desc' },
    select: { seq: true },
  })
  return Number(row?.seq ?? 0)
}

export interface KeptState {
  readonly facts: ClusterFacts
  /** Of the newest frame in it. */
  readonly atMs: number
  readonly keyMs: number
  readonly keyBytes: number
  /** Since that key frame. */
  readonly changes: number
  readonly changesBytes: number
}

/** The state at that time: the last key frame and the changes since; null: not kept that far. */
export async function readStateAt(
  db: Database,
  clusterId: string,
  atMs: number,
): Promise<KeptState | null> {
  const key = await db.historyFrame.findFirst({
    where: { clusterId, kind: 0, atMs: { lte: BigInt(atMs) } },
    orderBy: { atMs: 'desc' },
  })
  if (key === null) return null
  const rows = await db.historyFrame.findMany({
    where: { clusterId, kind: 1, atMs: { gt: key.atMs, lte: BigInt(atMs) } },
    orderBy: { atMs: 'asc' },
    take: CHANGES_PER_KEY * 2,
  })
  const start = await decodeFrame(0, key.data)
  if (start.kind !== 0) throw new Error('a key frame holds changes')
  const frames = await Promise.all(rows.map((row) => decodeFrame(1, row.data)))
  const changes = frames.flatMap((frame): readonly Change[] =>
    frame.kind === 1 ? frame.changes : [],
  )
  return {
    facts: applyChanges(start.facts, changes),
    atMs: Number(rows.at(-1)?.atMs ?? key.atMs),
    keyMs: Number(key.atMs),
    keyBytes: key.data.length,
    changes: rows.length,
    changesBytes: rows.reduce((sum, row) => sum + row.data.length, 0),
  }
}

/** When the oldest state that is kept was seen; null: none is. */
export async function keptFrom(db: Database, clusterId: string): Promise<number | null> {
  const row = await db.historyFrame.findFirst({
    where: { clusterId, kind: 0 },
    orderBy: { atMs: 'asc' },
    select: { atMs: true },
  })
  return row === null ? null : Number(row.atMs)
}

const ROWS_PER_STEP = 500

/**
 * Deletes up to 500 events and 500 frames from before then; the key frame that the oldest kept
 * states stand on stays. Returns whether there is more.
 */
export async function pruneEvents(
  db: Database,
  clusterId: string,
  beforeMs: number,
): Promise<boolean> {
  const limit = ROWS_PER_STEP
  const lines = await deleteSome(
    db,
    { table: 'ClusterEvent', where: '"clusterId" = ? AND "seq" < ?', limit },
    clusterId,
    seqAt(Math.max(0, beforeMs)),
  )
  const key = await db.historyFrame.findFirst({
    where: { clusterId, kind: 0, atMs: { lte: BigInt(beforeMs) } },
    orderBy: { atMs: 'desc' },
    select: { atMs: true },
  })
  if (key === null) return lines === limit
  const where = '"clusterId" = ? AND "kind" IN (0, 1) AND "atMs" < ?'
  const of = { table: 'HistoryFrame', where, limit }
  const frames = await deleteSome(db, of, clusterId, Number(key.atMs))
  return lines === limit || frames === limit
}
