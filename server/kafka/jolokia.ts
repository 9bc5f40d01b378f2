import { z } from 'zod'
import { WireError } from './wire-error.ts'

const READ_TIMEOUT_MS = 4_000

export interface JolokiaRead {
  /** May carry `*` in a property: then the answer is one entry per MBean. */
  readonly mbean: string
  readonly attribute: string | readonly string[]
}

const answerSchema = z.array(
  z.object({ status: z.number(), value: z.unknown().optional(), error: z.string().optional() }),
)

/**
 * Reads many attributes in one request. One result per read: the value as Jolokia gives it, or
 * undefined where that MBean does not exist. Throws WireError when the agent does not answer.
 */
export async function readJolokia(
  url: string,
  reads: readonly JolokiaRead[],
  timeoutMs = READ_TIMEOUT_MS,
  authorization: string | null = null,
): Promise<unknown[]> {
  const body = JSON.stringify(reads.map((read) => ({ type: 'read', ...read })))
  let parsed: unknown
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        ...(authorization !== null && { authorization }),
      },
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    parsed = await response.json()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new WireError('unreachable', `${url}: ${reason}`, { cause })
  }
  const answers = answerSchema.safeParse(parsed)
  if (!answers.success || answers.data.length !== reads.length) {
    throw new WireError('protocol', `${url}: not a Jolokia answer`)
  }
  return answers.data.map((answer) => (answer.status === 200 ? answer.value : undefined))
}

/** `type=X,name=Y,topic=Z` of a full MBean name. */
export function mbeanProperties(name: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const part of name.slice(name.indexOf(':') + 1).split(',')) {
    const equals = part.indexOf('=')
    if (equals > 0) properties.set(part.slice(0, equals), part.slice(equals + 1))
  }
  return properties
}
