// When each broker was last heard, and how far each has come: the controller's only soft state. Belongs to one
// term of one active controller; a new one starts afresh and gives every broker a whole session.

interface Session {
  lastContactMs: number
  /** A heartbeat came; not just assumed alive by a new controller. */
  isHeard: boolean
  /** Last metadata offset it reported, -1 before it did. */
  metadataOffset: number
  /** Where its registration stands in the log; it unfences only once past that. */
  registrationOffset: number
  /** Offset others must have reached before it may go; -1 when it is not shutting down. */
  controlledShutdownOffset: number
}

export class BrokerSessions {
  readonly #timeoutMs: number
  readonly #sessions = new Map<number, Session>()

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** A whole session from `nowMs`; what was known of an earlier incarnation is gone. */
  start(brokerId: number, options: { nowMs: number; registrationOffset: number }): void {
    this.#sessions.set(brokerId, {
      lastContactMs: options.nowMs,
      isHeard: false,
      metadataOffset: -1,
      registrationOffset: options.registrationOffset,
      controlledShutdownOffset: -1,
    })
  }

  touch(brokerId: number, options: { nowMs: number; metadataOffset: number }): void {
    const session = this.#sessions.get(brokerId)
    if (session === undefined) return
    session.lastContactMs = options.nowMs
    session.isHeard = true
    session.metadataOffset = options.metadataOffset
  }

  /** The session counts as over: a new incarnation may register at once. */
  end(brokerId: number): void {
    const session = this.#sessions.get(brokerId)
    if (session !== undefined) session.lastContactMs = Number.NEGATIVE_INFINITY
  }

  /** This process stood still for so long and could not hear anybody: no session runs in that time. */
  extend(byMs: number): void {
    for (const session of this.#sessions.values()) session.lastContactMs += byMs
  }

  remove(brokerId: number): void {
    this.#sessions.delete(brokerId)
  }

  has(brokerId: number): boolean {
    return this.#sessions.has(brokerId)
  }

  /** Of a broker that is not fenced; fenced ones have none. */
  isValid(brokerId: number, nowMs: number): boolean {
    const session = this.#sessions.get(brokerId)
    return session !== undefined && session.lastContactMs + this.#timeoutMs >= nowMs
  }

  /** Whether a heartbeat came since the session began. */
  isHeard(brokerId: number): boolean {
    return this.#sessions.get(brokerId)?.isHeard ?? false
  }

  lastContactMs(brokerId: number): number {
    return this.#sessions.get(brokerId)?.lastContactMs ?? Number.NEGATIVE_INFINITY
  }

  metadataOffset(brokerId: number): number {
    return this.#sessions.get(brokerId)?.metadataOffset ?? -1
  }

  registrationOffset(brokerId: number): number | null {
    return this.#sessions.get(brokerId)?.registrationOffset ?? null
  }

  controlledShutdownOffset(brokerId: number): number {
    return this.#sessions.get(brokerId)?.controlledShutdownOffset ?? -1
  }

  /** Only the first call since the session's start counts. */
  beginControlledShutdown(brokerId: number, offset: number): void {
    const session = this.#sessions.get(brokerId)
    if (session !== undefined && session.controlledShutdownOffset < 0) {
      session.controlledShutdownOffset = offset
    }
  }

  endControlledShutdown(brokerId: number): void {
    const session = this.#sessions.get(brokerId)
    if (session !== undefined) session.controlledShutdownOffset = -1
  }
}
