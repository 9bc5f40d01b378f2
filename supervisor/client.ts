// The small client of the control socket: for the API routes and `npm run cluster`.
import { createConnection } from 'node:net'
import { socketPath } from './layout.ts'
import type { SupervisorReply, SupervisorRequest, SupervisorStatus } from './messages.ts'

export type { SupervisorRequest, SupervisorStatus } from './messages.ts'

export class SupervisorClientError extends Error {
  override readonly name = 'SupervisorClientError'
  /** True when no supervisor answers at all. */
  readonly isAbsent: boolean
  constructor(message: string, isAbsent: boolean, options?: ErrorOptions) {
    super(message, options)
    this.isAbsent = isAbsent
  }
}

const MAX_REPLY_BYTES = 1024 * 1024

/**
 * Resolves to the status after the verb was carried out (a start: once the broker serves). Rejects with
 * SupervisorClientError: no supervisor, a refusal (its message), or no answer within `timeoutMs`.
 */
export function supervisorRequest(
  dataDirectory: string,
  request: SupervisorRequest,
  timeoutMs = 120_000,
): Promise<SupervisorStatus> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath(dataDirectory))
    let text = ''
    const fail = (message: string, isAbsent: boolean, cause?: unknown): void => {
      socket.destroy()
      reject(new SupervisorClientError(message, isAbsent, { cause }))
    }
    socket.setTimeout(timeoutMs, () => fail(`no answer within ${timeoutMs / 1000} s`, false))
    socket.on('error', (cause) => fail('no supervisor runs on this data directory', true, cause))
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      text += chunk
      if (text.length > MAX_REPLY_BYTES) fail('the answer is too long', false)
    })
    socket.on('end', () => {
      if (text === '') return fail('the supervisor ended without an answer', false)
      const reply = JSON.parse(text) as SupervisorReply
      if (reply.ok) resolve(reply.status)
      else reject(new SupervisorClientError(reply.error, false))
    })
  })
}
