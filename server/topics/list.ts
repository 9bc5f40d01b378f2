import type { ListTopicsInput, ListTopicsOutput, TopicItem } from '../../contracts/topics.ts'
import { readClusterInventory } from '../clusters/inventory.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'

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

/** A page of topics from the inventory; the cluster is not asked. Unknown figures sort last. */
export async function listTopics({
  input,
}: {
  ctx: ServiceContext
  input: ListTopicsInput
}): Promise<ListTopicsOutput> {
  const { asOf } = await readClusterInventory(input.cluster)
  const db = await database()
  const isDescending = input.sort.startsWith('-')
  // Safe because the contract admits only these names, with or without the minus.
  const sort = input.sort.replace(/^-/, '') as keyof typeof SORT_COLUMNS
  const column = SORT_COLUMNS[sort]
  const direction = isDescending ? 'DESC' : 'ASC'
  const search = (input.search ?? '').toLowerCase()
  const where = `clusterId = ? AND deletedAt IS NULL AND instr(lower(name), ?) > 0
    ${input.internal === false ? 'AND isInternal = 0' : ''}`
  const [rows, counted] = await Promise.all([
    db.$queryRawUnsafe<{ item: string }[]>(
      `SELECT item FROM TopicInventory WHERE ${where}
       ORDER BY ${column} IS NULL, ${column} ${direction}, name ASC LIMIT ? OFFSET ?`,
      input.cluster,
      search,
      input.pageSize,
      (input.page - 1) * input.pageSize,
    ),
    db.$queryRawUnsafe<{ total: number | bigint }[]>(
      `SELECT count(*) AS total FROM TopicInventory WHERE ${where}`,
      input.cluster,
      search,
    ),
  ])
  return {
    // Safe because the collector alone writes the column, in this shape.
    items: rows.map((row) => JSON.parse(row.item) as TopicItem),
    total: Number(counted[0]?.total ?? 0),
    asOf,
  }
}
