import type { DeleteUserInput } from '../../contracts/users.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { assertNotLastAdministrator, findUser } from './find-user.ts'

/** Sessions and password go with the user; the audit log keeps the name. */
export async function deleteUser({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: DeleteUserInput
}): Promise<{ ok: true }> {
  const user = await findUser(input.user)
  ctx.note({ email: user.email })
  await assertNotLastAdministrator(user)
  const db = await database()
  await db.$transaction([
    db.session.deleteMany({ where: { userId: user.id } }),
    db.account.deleteMany({ where: { userId: user.id } }),
    db.user.delete({ where: { id: user.id } }),
  ])
  return { ok: true }
}
