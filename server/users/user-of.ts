import { role, type User } from '../../contracts/users.ts'

interface UserRow {
  id: string
  email: string
  name: string
  role: string
  createdAt: Date
}

export function userOf(row: UserRow, lastSeenAt: Date | null): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: role.catch('viewer').parse(row.role),
    createdAt: row.createdAt.getTime(),
    lastSeenAt: lastSeenAt?.getTime() ?? null,
  }
}
