import type { ListTopicsInput, ListTopicsOutput, TopicItem } from '../../contracts/topics.ts'
import { readClusterInventory } from '../clusters/inventory.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { contains, type Dialect, dialectOf, sql } from '../db/dialect.ts'
import { listTopicsAsTheyWere } from '../events/topics-as-they-were.ts'

const SORT_COLUMNS = {
  name: 'name',
  partitions: 'partitions',
  replicationFactor: 'replicationFactor',
  offsetSpan: 'offsetSpan',
  sizeBytes: 'sizeBytes',
  messagesInRate: 'messagesInRate',
  bytesInRate: 'bytesInRate',
  isr: 'isrRank',
} as const

/**
 * The page's rows, chosen by an index that holds all of these columns: only the page's own rows are
 * read. Parameters: cluster, searched text in lower case, page size, offset, cluster; those of
 * `count`: the first two.
 */
export function topicListSql(
  dialect: Dialect,
  sort: ListTopicsInput['sort'],
  isInternalShown: boolean,
): { page: string; count: string } {
  // Safe because the contract admits only these names, with or without the minus.
  const column = SORT_COLUMNS[sort.replace(/^-/, '') as keyof typeof SORT_COLUMNS]
  const direction = sort.startsWith('-') ? 'DESC' : 'ASC'
  const where = `"clusterId" = ? AND "deletedAt" IS NULL
    AND ${contains(dialect, 'lower("name")')} ${isInternalShown ? '' : 'AND "isInternal" = false'}`
  const page = `SELECT "item" FROM (
      SELECT "topicKey" AS chosen, "${column}" AS value, "name" AS title FROM "TopicInventory"
      WHERE ${where} ORDER BY "${column}" IS NULL, "${column}" ${direction}, "name" ASC
      LIMIT ? OFFSET ?
    ) AS page JOIN "TopicInventory" ON "clusterId" = ? AND "topicKey" = chosen
    ORDER BY value IS NULL, value ${direction}, title ASC`
  const count = `SELECT count(*) AS total FROM "TopicInventory" WHERE ${where}`
  return { page: sql(dialect, page), count: sql(dialect, count) }
}

/** A page of topics from the inventory; the cluster is not asked. Unknown figures sort last. */
export async function listTopics({
  input,
}: {
  ctx: ServiceContext
  input: ListTopicsInput
}): Promise<ListTopicsOutput> {
  if (input.at !== undefined) return listTopicsAsTheyWere(input, input.at)
  const { asOf } = await readClusterInventory(input.cluster)
  const db = await database()
  const text = topicListSql(dialectOf(db), input.sort, input.internal !== false)
  const search = (input.search ?? '').toLowerCase()
  const [rows, counted] = await Promise.all([
    db.$queryRawUnsafe<{ item: string }[]>(
      text.page,
      input.cluster,
      search,
      input.pageSize,
      (input.page - 1) * input.pageSize,
      input.cluster,
    ),
    db.$queryRawUnsafe<{ total: number | bigint }[]>(text.count, input.cluster, search),
  ])
  return {
    // Safe because the collector alone writes the column, in this shape.
    items: rows.map((row) => JSON.parse(row.item) as TopicItem),
    total: Number(counted[0]?.total ?? 0),
    asOf,
  }
}
