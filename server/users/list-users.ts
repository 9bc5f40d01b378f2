import type { ListUsersOutput } from '../../contracts/users.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { userOf } from './user-of.ts'

export async function listUsers({ ctx }: { ctx: ServiceContext }): Promise<ListUsersOutput> {
  const rows = await (await database()).user.findMany({
    orderBy: { email: 'asc' },
    include: { sessions: { orderBy: { updatedAt: 'desc' }, take: 1 } },
  })
  const items = rows.map((row) => userOf(row, row.sessions[0]?.updatedAt ?? null))
  return { items, total: items.length, asOf: ctx.nowMs() }
}
