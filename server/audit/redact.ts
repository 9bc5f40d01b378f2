// Passwords and message contents never reach the audit log; nor do config values that look secret.
const HIDDEN = new Set([
  ...['password', 'currentPassword', 'newPassword', 'token'],
  ...['key', 'value', 'headers'],
  ...['secrets'],
])
const SECRET_CONFIG = /password|secret|jaas|credential|private|keystore\.key/i
const LIST_LIMIT = 100
/** Of certificates and the like the beginning will do. */
const TEXT_LIMIT = 400

export const HIDDEN_VALUE = '[hidden]'

/** Whether a config of this name may hold a secret. */
export function isSecretConfig(name: string): boolean {
  return SECRET_CONFIG.test(name)
}

function cut(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= TEXT_LIMIT) return value
  return `${value.slice(0, TEXT_LIMIT)}…`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A record of configs, or one change of a config: `{name, before, after}`. */
function redactRecord(record: Record<string, unknown>): Record<string, unknown> {
  const isSecretChange = typeof record.name === 'string' && isSecretConfig(record.name)
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      const hides = isSecretConfig(name) || (isSecretChange && /^(before|after)$/.test(name))
      return [name, hides && value !== null ? HIDDEN_VALUE : cut(value)]
    }),
  )
}

function redactList(list: readonly unknown[]): unknown[] {
  const kept = list
    .slice(0, LIST_LIMIT)
    .map((value) => (isRecord(value) ? redactRecord(value) : value))
  return list.length > LIST_LIMIT ? [...kept, `and ${list.length - LIST_LIMIT} more`] : kept
}

/** What an audit entry keeps of a request's body and of a service's notes. */
export function redact(body: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined) continue
    if (HIDDEN.has(name)) kept[name] = value === null ? null : HIDDEN_VALUE
    else if (isRecord(value)) kept[name] = redactRecord(value)
    else kept[name] = Array.isArray(value) ? redactList(value) : value
  }
  return kept
}
