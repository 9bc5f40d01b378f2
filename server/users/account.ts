import { isAPIError } from 'better-auth/api'
import type { Account, ChangePasswordInput } from '../../contracts/account.ts'
import { auth } from '../auth/auth.ts'
import { signInLimit } from '../auth/rate-limit.ts'
import { type CookieCall, copyCookies } from '../auth/sign-in.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { findUser } from './find-user.ts'

function userIdOf(ctx: ServiceContext): string {
  const { userId } = ctx.actor
  if (userId !== null) return userId
  throw refusal('token-without-account')
}

export async function getAccount({ ctx }: { ctx: ServiceContext }): Promise<Account> {
  const { userId, name, role } = ctx.actor
  if (userId === null) return { id: null, email: name, name, role }
  const user = await findUser(userId)
  return { id: user.id, email: user.email, name: user.name, role }
}

/** The other sessions end; this one goes on with a new cookie. */
export async function changePassword(call: CookieCall<ChangePasswordInput>): Promise<{ ok: true }> {
  const { ctx, input } = call
  const succeeded = signInLimit().attempt(`password:${userIdOf(ctx)}`, ctx.nowMs())
  try {
    const { headers } = await (await auth()).api.changePassword({
      body: { ...input, revokeOtherSessions: true },
      headers: call.requestHeaders,
      returnHeaders: true,
    })
    succeeded()
    copyCookies(headers, call.responseHeaders)
    return { ok: true }
  } catch (cause) {
    if (!isAPIError(cause) || cause.statusCode >= 500) throw cause
    throw refusal('wrong-password', {}, { cause })
  }
}

export async function signOutEverywhere({ ctx }: { ctx: ServiceContext }): Promise<{ ok: true }> {
  await (await database()).session.deleteMany({ where: { userId: userIdOf(ctx) } })
  return { ok: true }
}
