import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code
}

/** The secret that signs session cookies. */
export function authSecret(dataDir: string): string {
  return secretFile(dataDir, 'auth-secret')
}

/**
 * A random secret in a 0600 file of the data directory, made on the first call. A link from a
 * finished file makes it, so that nobody reads half of one.
 */
export function secretFile(dataDir: string, name: string): string {
  const path = join(dataDir, name)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    if (!isCode(cause, 'ENOENT')) throw cause
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 })
  try {
    linkSync(draft, path)
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause
  } finally {
    rmSync(draft)
  }
  return readFileSync(path, 'utf8').trim()
}
