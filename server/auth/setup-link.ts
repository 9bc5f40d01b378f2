import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { database } from '../db/client.ts'
import { environment } from '../settings/environment.ts'
import { readSetting, takeSetting, writeSetting } from '../settings/store.ts'

const KEY = 'setup-token-sha256'

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

export async function isSetupNeeded(): Promise<boolean> {
  return (await (await database()).user.count()) === 0
}

/** A new one-time link; an older one stops working. Only the token's hash is kept. */
export async function createSetupLink(): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await writeSetting(KEY, hashOf(token))
  const { host, port } = environment()
  const isWildcard = host === '0.0.0.0' || host === '::'
  const name = isWildcard ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}/setup?token=${token}`
}

export async function isSetupTokenValid(token: string): Promise<boolean> {
  const kept = await readSetting(KEY)
  if (typeof kept !== 'string') return false
  const given = Buffer.from(hashOf(token))
  const wanted = Buffer.from(kept)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** Uses the token up; true for one caller only. */
export async function takeSetupToken(token: string): Promise<boolean> {
  return (await isSetupTokenValid(token)) && takeSetting(KEY, hashOf(token))
}

/** After a setup that failed: the link works again. */
export async function returnSetupToken(token: string): Promise<void> {
  await writeSetting(KEY, hashOf(token))
}
