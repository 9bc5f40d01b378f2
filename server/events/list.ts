import {
  type ClusterEvent,
  type EventType,
  eventSubjectType,
  eventType,
  type ListEventsInput,
  type ListEventsOutput,
} from '../../contracts/events.ts'
import { readClusterInventory } from '../clusters/inventory.ts'
import type { ServiceContext } from '../context.ts'
import { type Database, database } from '../db/client.ts'
import { contains, type Dialect, dialectOf, sql } from '../db/dialect.ts'
import { keyText, seqAt } from './store.ts'

/** Events that one search looks through; the next page goes on from there. */
const SEARCHED_MAX = 20_000

/** Lines of the timeline, newest first; `next` goes on with older ones. */
export async function listEvents({
  input,
}: {
  ctx: ServiceContext
  input: ListEventsInput
}): Promise<ListEventsOutput> {
  const { asOf } = await readClusterInventory(input.cluster)
  return { ...(await readEvents(await database(), input)), asOf }
}

type Page = Pick<ListEventsOutput, 'items' | 'next'>

export async function readEvents(db: Database, input: ListEventsInput): Promise<Page> {
  const search = input.search?.trim().toLowerCase() ?? ''
  return search === '' ? readFiltered(db, input) : readSearched(db, input, search)
}

/** Ids from `from` on and below `to`. */
function seqRange(input: Pick<ListEventsInput, 'from' | 'to' | 'before'>): {
  gte: bigint
  lt: bigint
} {
  const to = input.to === undefined ? Number.MAX_SAFE_INTEGER : seqAt(input.to + 1)
  const lt = Math.min(to, input.before ?? Number.MAX_SAFE_INTEGER)
  return { gte: BigInt(seqAt(Math.max(0, input.from ?? 0))), lt: BigInt(Math.max(0, lt)) }
}

/**
 * Each index ends in the id, so that a page is read in order: by subject, by actor, by type (one
 * read for each that is wanted), or all.
 */
async function readFiltered(db: Database, input: ListEventsInput): Promise<Page> {
  const take = input.limit + 1
  const base = { clusterId: input.cluster, seq: seqRange(input) }
  const orderBy = { seq: 'desc' } as const
  const types = input.types ?? []
  const actor = input.actor === undefined ? {} : { actor: keyText(input.actor) }
  const isOfOne = input.subject !== undefined && input.subjectType !== undefined
  if (isOfOne || input.actor !== undefined) {
    const subject = isOfOne
      ? { subjectType: input.subjectType, subject: keyText(input.subject ?? '') }
      : { level: 0, ...(input.subjectType !== undefined && { subjectType: input.subjectType }) }
    const type = types.length > 0 ? { type: { in: [...types] } } : {}
    const where = { ...base, ...subject, ...actor, ...type }
    return pageOf(await db.clusterEvent.findMany({ where, orderBy, take }), input.limit)
  }
  const kinds: readonly (EventType | null)[] = types.length > 0 ? types : [null]
  const subjectType = input.subjectType === undefined ? {} : { subjectType: input.subjectType }
  const found = await Promise.all(
    kinds.map((type) => {
      const where = { ...base, level: 0, ...(type !== null && { type }), ...subjectType }
      return db.clusterEvent.findMany({ where, orderBy, take })
    }),
  )
  const rows = found.flat().sort((a, b) => (a.seq < b.seq ? 1 : -1))
  return pageOf(rows.slice(0, take), input.limit)
}

/**
 * The newest events whose subject's or actor's name holds a text, among a bounded number of them.
 * Parameters: cluster, first id, id after the last, the text in lower case twice.
 */
export function eventSearchSql(dialect: Dialect, limit: number): string {
  return sql(
    dialect,
    `SELECT "seq" FROM (
       SELECT "seq", "subject", "actor" FROM "ClusterEvent"
       WHERE "clusterId" = ? AND "level" = 0 AND "seq" >= ? AND "seq" < ?
       ORDER BY "seq" DESC LIMIT ${SEARCHED_MAX}
     ) AS recent
     WHERE ${contains(dialect, 'lower("subject")')}
       OR ${contains(dialect, `lower(coalesce("actor", ''))`)}
     ORDER BY "seq" DESC LIMIT ${limit}`,
  )
}

async function readSearched(db: Database, input: ListEventsInput, search: string): Promise<Page> {
  const { gte, lt } = seqRange(input)
  // Types and subjects are looked at afterwards: they only make fewer of what is found.
  const wanted = input.limit * 4
  const [found, edge] = await Promise.all([
    db.$queryRawUnsafe<{ seq: number | bigint }[]>(
      eventSearchSql(dialectOf(db), wanted),
      ...[input.cluster, Number(gte), Number(lt), search, search],
    ),
    db.clusterEvent.findMany({
      where: { clusterId: input.cluster, level: 0, seq: { gte, lt } },
      orderBy: { seq: 'desc' },
      skip: SEARCHED_MAX,
      take: 1,
      select: { seq: true },
    }),
  ])
  const rows = await db.clusterEvent.findMany({
    where: { clusterId: input.cluster, seq: { in: found.map((row) => BigInt(row.seq)) } },
    orderBy: { seq: 'desc' },
  })
  const fits = rows.filter(
    (row) =>
      (input.types === undefined || input.types.some((type) => type === row.type)) &&
      (input.subjectType === undefined || input.subjectType === row.subjectType) &&
      (input.actor === undefined || input.actor === row.actor),
  )
  const page = pageOf(fits, input.limit)
  if (page.next !== null) return page
  const lastFound = found.length === wanted ? Number(found.at(-1)?.seq) : null
  const next = lastFound ?? (edge[0] === undefined ? null : Number(edge[0].seq) + 1)
  return { ...page, next }
}

interface EventRow {
  readonly seq: bigint
  readonly atMs: bigint
  readonly type: string
  readonly subjectType: string
  readonly subject: string
  readonly actor: string | null
  readonly action: string | null
  readonly data: string
}

function pageOf(rows: readonly EventRow[], limit: number): Page {
  const items = rows.slice(0, limit).map(eventOf)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}

function eventOf(row: EventRow): ClusterEvent {
  // Safe because the recorder alone writes the column, in this shape.
  const data = JSON.parse(row.data) as Pick<ClusterEvent, 'before' | 'after'> & {
    bulk?: NonNullable<ClusterEvent['bulk']>
  }
  return {
    id: Number(row.seq),
    at: Number(row.atMs),
    type: eventType.parse(row.type),
    subjectType: eventSubjectType.parse(row.subjectType),
    subject: row.subject,
    before: data.before,
    after: data.after,
    bulk: data.bulk ?? null,
    actor: row.actor,
    action: row.action,
  }
}
