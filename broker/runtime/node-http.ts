// A small HTTP server for the metrics face: bodies bounded, connections few and short. Opened by broker/main.ts;
// what is answered is the caller's.

import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Endpoint, Listener } from './runtime.ts'

export type HttpAnswer = (request: { method: string; url: string; body: string }) => {
  status: number
  body: string
  /** JSON when left out. */
  contentType?: string
}

const MAX_BODY_BYTES = 1024 * 1024
const MAX_CONNECTIONS = 32
const TIMEOUT_MS = 10_000

/** Port 0 takes a free one. Rejects as `listen` does (EADDRINUSE …). */
export async function listenHttp(endpoint: Endpoint, answer: HttpAnswer): Promise<Listener> {
  // Loaded here: a broker without metrics does not pay for an HTTP stack.
  const { createServer } = await import('node:http')
  const server = createServer({ requestTimeout: TIMEOUT_MS }, (request, response) => {
    void readBody(request).then(
      (body) => {
        const { method = 'GET', url = '/' } = request
        const reply = answered(answer, { method, url, body })
        response.writeHead(reply.status, {
          'content-type': reply.contentType ?? 'application/json; charset=utf-8',
          'cache-control': 'no-cache',
        })
        response.end(reply.body)
      },
      () => request.destroy(),
    )
  })
  server.maxConnections = MAX_CONNECTIONS
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(endpoint.port, endpoint.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  return { endpoint: { host: endpoint.host, port }, close: () => closeServer(server) }
}

/** What cannot be answered is told to who asked: a figure that cannot be read must not end the broker. */
function answered(answer: HttpAnswer, request: Parameters<HttpAnswer>[0]): ReturnType<HttpAnswer> {
  try {
    return answer(request)
  } catch (error) {
    return { status: 500, body: String(error), contentType: 'text/plain; charset=utf-8' }
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > MAX_BODY_BYTES) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
