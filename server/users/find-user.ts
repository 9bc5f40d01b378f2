import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'

export async function findUser(id: string) {
  const row = await (await database()).user.findUnique({ where: { id } })
  if (row === null) throw refusal('user-unknown')
  return row
}

export async function assertNotLastAdministrator(user: { role: string }): Promise<void> {
  if (user.role !== 'administrator') return
  const count = await (await database()).user.count({ where: { role: 'administrator' } })
  if (count <= 1) throw refusal('last-administrator')
}
