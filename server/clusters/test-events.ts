import type { ClusterTestEvent } from '../../contracts/cluster-definitions.ts'

export type Tell = (event: ClusterTestEvent) => void

/** Each step has its own deadline; all of them together end here, whatever the brokers do. */
const TEST_TIMEOUT_MS = 60_000

/**
 * What `run` tells, each as soon as it is told. `run` is ended when the reader goes, by `signal` or by
 * asking for no more; some hundred events at most wait for a slow reader.
 */
export async function* eventsOf(
  run: (tell: Tell, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<ClusterTestEvent> {
  const waiting: ClusterTestEvent[] = []
  let wake = (): void => undefined
  let end: { error: unknown } | null = null
  const reader = new AbortController()
  const tell: Tell = (event) => {
    waiting.push(event)
    wake()
  }
  const finish = (error: unknown): void => {
    end = { error }
    wake()
  }
  const wakeUp = (): void => wake()
  signal.addEventListener('abort', wakeUp)
  const signals = [signal, reader.signal, AbortSignal.timeout(TEST_TIMEOUT_MS)]
  run(tell, AbortSignal.any(signals)).then(() => finish(null), finish)
  const ended = (): { error: unknown } | null => end
  try {
    while (!signal.aborted) {
      const event = waiting.shift()
      if (event !== undefined) yield event
      else if (ended() === null) await new Promise<void>((resolve) => (wake = resolve))
      else if (ended()?.error) throw ended()?.error
      else return
    }
  } finally {
    signal.removeEventListener('abort', wakeUp)
    reader.abort()
  }
}
