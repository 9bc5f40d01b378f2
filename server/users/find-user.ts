import { database } from '../db/client.ts'
import { ServiceError } from '../errors.ts'

export async function findUser(id: string) {
  const row = await (await database()).user.findUnique({ where: { id } })
  if (row === null) throw new ServiceError('not-found', 'there is no such user')
  return row
}

export async function assertNotLastAdministrator(user: { role: string }): Promise<void> {
  if (user.role !== 'administrator') return
  const count = await (await database()).user.count({ where: { role: 'administrator' } })
  if (count <= 1) throw new ServiceError('conflict', 'the last administrator stays one')
}
