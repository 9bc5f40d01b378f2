// The supervisor's control socket: a Unix socket that only its owner may use (mode 0600).
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { SupervisorError, socketPath } from './layout.ts'
import type { SupervisorReply, SupervisorRequest, SupervisorStatus } from './messages.ts'

const MAX_REQUEST_BYTES = 64 * 1024
const MAX_CONNECTIONS = 32
const SIGNALS = new Set(['SIGKILL', 'SIGTERM', 'SIGSTOP', 'SIGCONT', 'SIGINT', 'SIGABRT'])

/** 'KILL', 'SIGKILL' or '9' as kill(1) takes them. */
export function parseSignal(text: string): NodeJS.Signals {
  const numbers: Record<string, string> = { '9': 'SIGKILL', '15': 'SIGTERM', '2': 'SIGINT' }
  const upper = text.toUpperCase()
  const name = numbers[text] ?? (upper.startsWith('SIG') ? upper : `SIG${upper}`)
  if (!SIGNALS.has(name)) {
    throw new SupervisorError(`signal ${text} is none of ${[...SIGNALS].join(', ')}`)
  }
  // Safe because the set holds names of signals alone.
  return name as NodeJS.Signals
}

/** As long as broker.rack is shown everywhere. */
const MAX_RACK_LENGTH = 249

function parseAdd(request: { broker?: unknown; rack?: unknown }): SupervisorRequest {
  const { broker, rack } = request
  if (broker !== undefined && !(Number.isInteger(broker) && Number(broker) >= 0)) {
    throw new SupervisorError('broker: a node id is wanted')
  }
  const isText =
    typeof rack === 'string' && /^[\w.-]+$/.test(rack) && rack.length <= MAX_RACK_LENGTH
  if (rack !== undefined && !isText) {
    throw new SupervisorError('rack: letters, digits, dots, dashes and underscores are wanted')
  }
  return {
    verb: 'add',
    ...(broker === undefined ? {} : { broker: Number(broker) }),
    ...(isText ? { rack } : {}),
  }
}

function parseRequest(line: string): SupervisorRequest {
  const request = JSON.parse(line) as { verb?: unknown; broker?: unknown; rack?: unknown }
  switch (request.verb) {
    case 'status':
    case 'shutdown':
      return { verb: request.verb }
    case 'add':
      return parseAdd(request)
    case 'start':
    case 'remove':
    case 'stop':
    case 'pause':
    case 'kill':
      if (!Number.isInteger(request.broker))
        throw new SupervisorError('broker: a node id is wanted')
      return request as SupervisorRequest
    default:
      throw new SupervisorError(`unknown verb ${String(request.verb)}`)
  }
}

async function answer(
  line: string,
  handle: (request: SupervisorRequest) => Promise<SupervisorStatus>,
): Promise<SupervisorReply> {
  try {
    return { ok: true, status: await handle(parseRequest(line)) }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) }
  }
}

function serve(
  socket: Socket,
  handle: (request: SupervisorRequest) => Promise<SupervisorStatus>,
): void {
  let text = ''
  let isAnswered = false
  socket.setEncoding('utf8')
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    text += chunk
    if (text.length > MAX_REQUEST_BYTES) socket.destroy()
    const end = text.indexOf('\n')
    if (end < 0 || isAnswered) return
    isAnswered = true
    void answer(text.slice(0, end), handle).then((reply) =>
      socket.end(`${JSON.stringify(reply)}\n`),
    )
  })
}

export async function openControlSocket(
  dataDirectory: string,
  handle: (request: SupervisorRequest) => Promise<SupervisorStatus>,
): Promise<Server> {
  const path = socketPath(dataDirectory)
  rmSync(path, { force: true })
  const server = createServer((socket) => serve(socket, handle))
  server.maxConnections = MAX_CONNECTIONS
  const previousMask = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
  } finally {
    process.umask(previousMask)
  }
  chmodSync(path, 0o600)
  return server
}
