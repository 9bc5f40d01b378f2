import { createHash, timingSafeEqual } from 'node:crypto'
import { role } from '../../contracts/users.ts'
import type { Actor } from '../context.ts'
import { refusal } from '../errors.ts'
import { environment } from '../settings/environment.ts'
import { auth } from './auth.ts'

export interface Identity {
  readonly actor: Actor
  /** `cookie`: the browser sends it by itself, so mutations need an origin check. */
  readonly by: 'cookie' | 'token'
  readonly displayName: string
}

function isSameText(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

const tokenIdentity: Identity = {
  actor: { kind: 'token', userId: null, name: 'api-token', role: 'administrator' },
  by: 'token',
  displayName: 'API token',
}

/** Null: neither a session nor a token was sent. A wrong token is refused, not ignored. */
export async function identify(headers: Headers): Promise<Identity | null> {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
    const { apiToken } = environment()
    if (given !== undefined && apiToken !== null && isSameText(given, apiToken))
      return tokenIdentity
    throw refusal('token-invalid')
  }
  if (!headers.has('cookie')) return null
  const session = await (await auth()).api.getSession({ headers })
  if (session === null) return null
  const { user } = session
  return {
    actor: {
      kind: 'user',
      userId: user.id,
      name: user.email,
      role: role.catch('viewer').parse(user.role),
    },
    by: 'cookie',
    displayName: user.name,
  }
}
