import type { UpdateUserInput, User } from '../../contracts/users.ts'
import { auth } from '../auth/auth.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { assertNotLastAdministrator, findUser } from './find-user.ts'
import { userOf } from './user-of.ts'

/** A new password or a lower role ends the user's sessions. */
export async function updateUser({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: UpdateUserInput
}): Promise<User> {
  const db = await database()
  const before = await findUser(input.user)
  ctx.note({ email: before.email })
  if (input.role === 'viewer') await assertNotLastAdministrator(before)
  if (input.password !== undefined && before.id === ctx.actor.userId) throw refusal('own-password')
  if (input.password !== undefined) {
    const { password } = await (await auth()).$context
    const hash = await password.hash(input.password)
    await db.account.updateMany({
      where: { userId: before.id, providerId: 'credential' },
      data: { password: hash },
    })
  }
  const row = await db.user.update({
    where: { id: before.id },
    data: {
      ...(input.role !== undefined && { role: input.role }),
      ...(input.name !== undefined && input.name !== '' && { name: input.name }),
    },
  })
  const losesRights = before.role === 'administrator' && row.role !== 'administrator'
  if (input.password !== undefined || losesRights)
    await db.session.deleteMany({ where: { userId: row.id } })
  return userOf(row, null)
}
