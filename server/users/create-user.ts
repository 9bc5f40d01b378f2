import { randomBytes } from 'node:crypto'
import type { CreateUserInput, User } from '../../contracts/users.ts'
import { auth } from '../auth/auth.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { userOf } from './user-of.ts'

/** The user and the password better-auth signs in with, together or not at all. */
export async function createUser({
  input,
}: {
  ctx: ServiceContext
  input: CreateUserInput
}): Promise<User> {
  const db = await database()
  if ((await db.user.findUnique({ where: { email: input.email } })) !== null)
    throw refusal('user-exists', { email: input.email })
  const { password } = await (await auth()).$context
  const hash = await password.hash(input.password)
  const id = randomBytes(16).toString('base64url')
  const row = await db.user.create({
    data: {
      id,
      email: input.email,
      name: input.name === '' ? (input.email.split('@')[0] ?? input.email) : input.name,
      emailVerified: true,
      role: input.role,
      accounts: {
        create: {
          id: randomBytes(16).toString('base64url'),
          issuer: 'local:credential',
          accountId: id,
          providerId: 'credential',
          password: hash,
        },
      },
    },
  })
  return userOf(row, null)
}
