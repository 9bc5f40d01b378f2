import { isAPIError } from 'better-auth/api'
import type { Account, SignInInput } from '../../contracts/account.ts'
import { role } from '../../contracts/users.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { auth } from './auth.ts'
import { signInLimit } from './rate-limit.ts'

export interface CookieCall<T> {
  ctx: ServiceContext
  input: T
  requestHeaders: Headers
  /** Of the answer; gets the session cookie. */
  responseHeaders: Headers
}

export function copyCookies(from: Headers, to: Headers): void {
  for (const cookie of from.getSetCookie()) to.append('set-cookie', cookie)
}

/** Refuses with one message whether the address or the password was wrong. */
export async function signIn(call: CookieCall<SignInInput>): Promise<Account> {
  const { ctx, input } = call
  const email = input.email.trim().toLowerCase()
  const succeeded = signInLimit().attempt(email, ctx.nowMs())
  try {
    const { headers, response } = await (await auth()).api.signInEmail({
      body: { email, password: input.password },
      headers: call.requestHeaders,
      returnHeaders: true,
    })
    succeeded()
    copyCookies(headers, call.responseHeaders)
    const { user } = response
    const userRole = 'role' in user ? user.role : null
    return {
      id: user.id,
      email: user.email,
      name: user.name,
      role: role.catch('viewer').parse(userRole),
    }
  } catch (cause) {
    if (!isAPIError(cause) || cause.statusCode >= 500) throw cause
    throw refusal('wrong-credentials', {}, { cause })
  }
}

export async function signOut(call: CookieCall<unknown>): Promise<{ ok: true }> {
  const { headers } = await (await auth()).api.signOut({
    headers: call.requestHeaders,
    returnHeaders: true,
  })
  copyCookies(headers, call.responseHeaders)
  return { ok: true }
}
