const HEARTBEAT_MS = 15_000

function errorEvent(cause: unknown): { type: 'error'; message: string } {
  const isKnown = cause instanceof Error && cause.name === 'ServiceError'
  if (!isKnown) console.error('a stream of events failed:', cause)
  return { type: 'error', message: isKnown ? cause.message : 'Something in Eyrie failed' }
}

/**
 * Server-sent events from `open`, pulled as fast as the browser takes them. The signal it gets
 * ends when the browser goes away, noticed by the request or by the cancelled stream.
 */
export async function eventResponse(
  open: (signal: AbortSignal) => AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>,
  request: Request,
): Promise<Response> {
  const stop = new AbortController()
  const signal = AbortSignal.any([request.signal, stop.signal])
  const iterator = (await open(signal))[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  let timer: NodeJS.Timeout | undefined
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(': open\n\n'))
      // Keeps proxies from closing a quiet tail.
      const beat = (): void => controller.enqueue(encoder.encode(': \n\n'))
      timer = setInterval(beat, HEARTBEAT_MS)
    },
    async pull(controller) {
      const say = (value: unknown): void =>
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(value)}\n\n`))
      try {
        const next = await iterator.next()
        if (signal.aborted) return
        if (next.done !== true) return say(next.value)
      } catch (cause) {
        if (signal.aborted) return
        say(errorEvent(cause))
      }
      clearInterval(timer)
      controller.close()
    },
    cancel() {
      stop.abort()
      void iterator.return?.()
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  })
}
