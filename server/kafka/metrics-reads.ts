import { type JolokiaRead, readJolokia } from './jolokia.ts'
import { PrometheusText } from './prometheus.ts'
import { answerReads } from './prometheus-beans.ts'
import { WireError } from './wire-error.ts'

export interface MetricsTarget {
  readonly kind: 'jolokia' | 'prometheus'
  readonly url: string
  /** The header's value; null: none. */
  readonly authorization: string | null
}

const READ_TIMEOUT_MS = 4_000
/** A broker with 10,000 partitions and a rule that exports everything stays below. */
const TEXT_BYTES_MAX = 64 * 1024 * 1024

/**
 * Reads attributes of MBeans from whichever source a cluster has, in one HTTP request: answers as
 * `readJolokia` gives them, undefined for what the source lacks. Throws WireError.
 */
export async function readMetrics(
  target: MetricsTarget,
  reads: readonly JolokiaRead[],
  timeoutMs = READ_TIMEOUT_MS,
): Promise<unknown[]> {
  const { kind, url, authorization } = target
  if (kind === 'jolokia') return readJolokia(url, reads, timeoutMs, authorization)
  const text = await fetchText(target, timeoutMs)
  const metrics = new PrometheusText(text)
  if (metrics.isEmpty) throw new WireError('protocol', `${url}: no metrics in Prometheus's form`)
  return answerReads(reads, metrics, Date.now())
}

async function fetchText(target: MetricsTarget, timeoutMs: number): Promise<string> {
  const { url, authorization } = target
  try {
    const response = await fetch(url, {
      headers: {
        accept: 'text/plain;version=0.0.4',
        ...(authorization !== null && { authorization }),
      },
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return await boundedText(response)
  } catch (cause) {
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    const reason = inner instanceof Error ? inner.message : String(inner)
    throw new WireError('unreachable', `${url}: ${reason}`, { cause })
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const body = response.body as unknown as AsyncIterable<Uint8Array> | null
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > TEXT_BYTES_MAX) throw new Error(`more than ${TEXT_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
