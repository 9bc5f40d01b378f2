// Reads what came back for a frame: of the right number, in its version's schema, and no error that means that a handler
// did not know what to do. What is wrong is told with the frame.
import { type AnyApi, decodeResponse } from '../../protocol/api.ts'
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { readResponseHeader } from '../../protocol/frames.ts'
import type { Frame, FrameSource } from './frames.ts'

const HEX_MAX = 2000

/** Who sent a frame where. */
export interface Sender {
  readonly port: number
  readonly source: FrameSource
}

export class AnswerReader {
  /** By API and error code, e.g. `Fetch NONE`. */
  readonly counts: Record<string, number> = {}
  readonly violations: string[] = []

  read(sender: Sender, frame: Frame, answer: Buffer): void {
    if (frame.asked === null) return
    const { api, version, correlationId } = frame.asked
    try {
      const header = readResponseHeader(api, version, answer)
      if (header.correlationId !== correlationId) {
        this.tell(sender, frame, `is answered as number ${header.correlationId}`)
      }
      const response = decodeResponse(api, version, answer.subarray(header.bodyOffset))
      sender.source.values.learned.take(response)
      this.#count(api, response)
    } catch (error) {
      const hex = answer.toString('hex')
      this.tell(sender, frame, `is answered by what is no answer: ${error} ${hex}`)
    }
  }

  #count(api: AnyApi, response: unknown): void {
    const code = firstErrorCode(response) ?? ErrorCode.NONE
    const key = `${api.name} ${errorName(code)}`
    this.counts[key] = (this.counts[key] ?? 0) + 1
    if (code === ErrorCode.UNKNOWN_SERVER_ERROR) this.violations.push(key)
  }

  tell({ port }: Sender, { asked: wanted, bytes }: Frame, what: string): void {
    const asked = wanted === null ? 'a broken frame' : `${wanted.api.name} v${wanted.version}`
    const hex = bytes.toString('hex').slice(0, HEX_MAX)
    this.violations.push(`${asked} to port ${port} ${what}: ${hex}`)
  }
}

/** The first one anywhere that is not NONE. */
function firstErrorCode(value: unknown): number | null {
  if (Array.isArray(value)) {
    for (const element of value) {
      const code = firstErrorCode(element)
      if (code !== null) return code
    }
    return null
  }
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return null
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'errorCode' && typeof inner === 'number' && inner !== ErrorCode.NONE) return inner
    const code = firstErrorCode(inner)
    if (code !== null) return code
  }
  return null
}
