import type { Role } from '../contracts/users.ts'

export interface Actor {
  /** `token`: the API token; `system`: Eyrie itself (collector, first start). */
  readonly kind: 'user' | 'token' | 'system'
  readonly userId: string | null
  /** E-mail address, `api-token` or `system`; what the audit log shows. */
  readonly name: string
  readonly role: Role
}

/** First argument of every service function: `verb({ ctx, input })`. */
export interface ServiceContext {
  readonly actor: Actor
  /** Ends when the browser goes away. */
  readonly signal: AbortSignal
  readonly nowMs: () => number
  /** Adds to the audit entry of this request; the route writes the entry itself. */
  readonly note: (detail: Record<string, unknown>) => void
}

export function systemContext(signal: AbortSignal = new AbortController().signal): ServiceContext {
  return {
    actor: { kind: 'system', userId: null, name: 'system', role: 'administrator' },
    signal,
    nowMs: () => Date.now(),
    note: () => undefined,
  }
}
