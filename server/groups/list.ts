import type { ListGroupsInput, ListGroupsOutput } from '../../contracts/groups.ts'
import { readClusterInventory } from '../clusters/inventory.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { contains, dialectOf, sql } from '../db/dialect.ts'
import { listGroupsAsTheyWere } from '../events/groups-as-they-were.ts'
import { groupItemOf } from '../lag/packed.ts'
import { ranksOf } from '../lag/verdict-filter.ts'

const SORT_COLUMNS = {
  id: 'groupId',
  state: 'state',
  members: 'members',
  totalLag: 'totalLag',
  coordinator: 'coordinator',
  lagTime: 'lagMs',
  verdict: 'verdictRank',
} as const

/** A page of groups from the inventory; the cluster is not asked. Unknown figures sort last. */
export async function listGroups({
  input,
}: {
  ctx: ServiceContext
  input: ListGroupsInput
}): Promise<ListGroupsOutput> {
  if (input.at !== undefined) return listGroupsAsTheyWere(input, input.at)
  const { asOf } = await readClusterInventory(input.cluster)
  const db = await database()
  // Safe because the contract admits only these names, with or without the minus.
  const column = SORT_COLUMNS[input.sort.replace(/^-/, '') as keyof typeof SORT_COLUMNS]
  const direction = input.sort.startsWith('-') ? 'DESC' : 'ASC'
  const dialect = dialectOf(db)
  const state = input.state === undefined ? [] : [input.state]
  const { low, high } = ranksOf(input.verdict)
  const where = `"clusterId" = ? AND "deletedAt" IS NULL
    AND ${contains(dialect, 'lower("groupId")')} ${state.map(() => 'AND "state" = ?').join('')}
    AND "verdictRank" BETWEEN ? AND ?`
  const page = `SELECT "item" FROM "GroupInventory" WHERE ${where}
    ORDER BY "${column}" IS NULL, "${column}" ${direction}, "groupId" ASC LIMIT ? OFFSET ?`
  const count = `SELECT count(*) AS total FROM "GroupInventory" WHERE ${where}`
  const args = [input.cluster, (input.search ?? '').toLowerCase(), ...state, low, high]
  const [rows, counted] = await Promise.all([
    db.$queryRawUnsafe<{ item: string }[]>(
      sql(dialect, page),
      ...args,
      input.pageSize,
      (input.page - 1) * input.pageSize,
    ),
    db.$queryRawUnsafe<{ total: number | bigint }[]>(sql(dialect, count), ...args),
  ])
  return {
    items: rows.map((row) => groupItemOf(row.item)),
    total: Number(counted[0]?.total ?? 0),
    asOf,
  }
}
