// Passwords and message contents never reach the audit log; nor do config values that look secret.
const HIDDEN = new Set([
  ...['password', 'currentPassword', 'newPassword', 'token'],
  ...['key', 'value', 'headers'],
])
const SECRET_CONFIG = /password|secret|jaas|credential|private|keystore\.key/i
const LIST_LIMIT = 100

function redactRecord(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      SECRET_CONFIG.test(name) ? '[hidden]' : value,
    ]),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What an audit entry keeps of a request's body. */
export function redact(body: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined) continue
    if (HIDDEN.has(name)) kept[name] = value === null ? null : '[hidden]'
    else if (isRecord(value)) kept[name] = redactRecord(value)
    else if (Array.isArray(value) && value.length > LIST_LIMIT)
      kept[name] = [...value.slice(0, LIST_LIMIT), `and ${value.length - LIST_LIMIT} more`]
    else kept[name] = value
  }
  return kept
}
