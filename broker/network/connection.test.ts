import { describe, expect, test } from 'vitest'
import { decodeResponse } from '../../protocol/api.ts'
import { readResponseHeader, requestFrame, responseFrame } from '../../protocol/frames.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { Heartbeat } from '../../protocol/schemas/12-heartbeat.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'
import type { Runtime, Socket } from '../runtime/runtime.ts'
import { Connection, type ConnectionSettings, defaultConnectionSettings } from './connection.ts'
import type { RequestContext } from './types.ts'

class FakeSocket implements Socket {
  readonly remote = { host: '10.0.0.9', port: 4711 }
  readonly local = { host: '127.0.0.1', port: 9092 }
  bufferedBytes = 0
  isPaused = false
  isDestroyed = false
  hasEnded = false
  readonly writes: Buffer[] = []
  data: (chunk: Buffer) => void = () => undefined
  drain: () => void = () => undefined
  #closed: (error: NodeJS.ErrnoException | null) => void = () => undefined

  /** Of writes that the system has not taken yet. */
  readonly unsent: (() => void)[] = []

  write(buffers: readonly Uint8Array[], whenSent?: () => void): void {
    this.writes.push(Buffer.concat(buffers))
    if (whenSent !== undefined) this.unsent.push(whenSent)
  }
  onData(callback: (chunk: Buffer) => void): void {
    this.data = callback
  }
  onClose(callback: (error: NodeJS.ErrnoException | null) => void): void {
    this.#closed = callback
  }
  onDrain(callback: () => void): void {
    this.drain = callback
  }
  pause(): void {
    this.isPaused = true
  }
  resume(): void {
    this.isPaused = false
  }
  end(): void {
    this.hasEnded = true
  }
  destroy(): void {
    if (this.isDestroyed) return
    this.isDestroyed = true
    this.#closed(null)
  }
}

interface Call {
  context: RequestContext
  reply(frame: Buffer[] | null): void
  fail(error: Error): void
}

function start(settings: Partial<ConnectionSettings> = {}) {
  const socket = new FakeSocket()
  const calls: Call[] = []
  const lines: unknown[] = []
  let closedCount = 0
  const logger = {
    log: (_level: string, _message: string, fields?: unknown) => lines.push(fields),
    child: () => logger,
  }
  const clock = { nowMs: () => 0, monotonicMs: () => 5 }
  const connection = new Connection({
    id: 1,
    listenerName: 'PLAINTEXT',
    socket,
    runtime: { clock, logger } as unknown as Runtime,
    settings: { ...defaultConnectionSettings, ...settings },
    serves: (apiKey) => apiKey !== Heartbeat.key,
    dispatch: (context) =>
      new Promise((resolve, reject) => calls.push({ context, reply: resolve, fail: reject })),
    onClose: () => {
      closedCount += 1
    },
  })
  return { socket, calls, lines, connection, closedCount: () => closedCount }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

const metadataRequest = (correlationId: number) =>
  Buffer.concat(requestFrame(Metadata, { version: 9, correlationId, clientId: 'c' }, {}))
const produceRequest = (correlationId: number) =>
  Buffer.concat(
    requestFrame(
      Produce,
      { version: 9, correlationId, clientId: 'c' },
      { acks: -1, timeoutMs: 1, topicData: [] },
    ),
  )
const metadataReply = (call: Call) =>
  responseFrame(Metadata, { version: 9, correlationId: call.context.correlationId }, {})
const produceReply = (call: Call) =>
  responseFrame(Produce, { version: 9, correlationId: call.context.correlationId }, {})
const correlationIds = (socket: FakeSocket) => {
  const stream = Buffer.concat(socket.writes)
  const found: number[] = []
  for (let at = 0; at < stream.length; at += 4 + stream.readInt32BE(at)) {
    found.push(stream.readInt32BE(at + 4))
  }
  return found
}

describe('Connection', () => {
  test('has one request in processing at a time', async () => {
    const { socket, calls } = start()
    socket.data(Buffer.concat([metadataRequest(1), metadataRequest(2)]))
    expect(calls.map((call) => call.context.correlationId)).toEqual([1])
    calls[0]!.reply(metadataReply(calls[0]!))
    await settle()
    expect(calls.map((call) => call.context.correlationId)).toEqual([1, 2])
    expect(calls[1]!.context).toMatchObject({ apiKey: 3, apiVersion: 9, clientId: 'c' })
  })

  test('starts Produce beside Produce, and answers in request order', async () => {
    const { socket, calls } = start()
    socket.data(Buffer.concat([1, 2, 3].map(produceRequest).concat(metadataRequest(4))))
    expect(calls.map((call) => call.context.correlationId)).toEqual([1, 2, 3])
    calls[2]!.reply(produceReply(calls[2]!))
    calls[1]!.reply(produceReply(calls[1]!))
    await settle()
    expect(socket.writes).toEqual([])
    calls[0]!.reply(produceReply(calls[0]!))
    await settle()
    expect(correlationIds(socket)).toEqual([1, 2, 3])
    expect(socket.writes.length).toBe(1)
    expect(calls[3]!.context.correlationId).toBe(4)
  })

  test('starts no Produce beside a request of another kind', async () => {
    const { socket, calls } = start()
    socket.data(Buffer.concat([metadataRequest(1), produceRequest(2)]))
    expect(calls.length).toBe(1)
    calls[0]!.reply(metadataReply(calls[0]!))
    await settle()
    expect(calls.length).toBe(2)
  })

  test('sends nothing for acks=0 and goes on', async () => {
    const { socket, calls } = start()
    socket.data(Buffer.concat([produceRequest(1), metadataRequest(2)]))
    calls[0]!.reply(null)
    await settle()
    calls[1]!.reply(metadataReply(calls[1]!))
    await settle()
    expect(correlationIds(socket)).toEqual([2])
  })

  test('stops reading while too many requests wait, and goes on afterwards', async () => {
    const { socket, calls } = start({ maxQueuedRequests: 2 })
    socket.data(Buffer.concat([metadataRequest(1), metadataRequest(2)]))
    expect(socket.isPaused).toBe(true)
    calls[0]!.reply(metadataReply(calls[0]!))
    await settle()
    expect(socket.isPaused).toBe(false)
  })

  test('stops reading while too many request bytes wait', () => {
    const { socket } = start({ maxQueuedBytes: 30 })
    socket.data(Buffer.concat([metadataRequest(1), metadataRequest(2)]))
    expect(socket.isPaused).toBe(true)
  })

  test('starts nothing and reads nothing while replies are not drained', async () => {
    const { socket, calls } = start({ maxUnsentBytes: 1 })
    socket.data(metadataRequest(1))
    socket.bufferedBytes = 100
    calls[0]!.reply(metadataReply(calls[0]!))
    await settle()
    socket.data(metadataRequest(2))
    expect(calls.length).toBe(1)
    expect(socket.isPaused).toBe(true)
    socket.bufferedBytes = 0
    socket.drain()
    expect(calls.length).toBe(2)
    expect(socket.isPaused).toBe(false)
  })

  test('closes, and says why once, when a handler rejects', async () => {
    const { socket, calls, lines, closedCount } = start()
    socket.data(Buffer.concat([produceRequest(1), produceRequest(2)]))
    calls[0]!.fail(new Error('broken'))
    calls[1]!.fail(new Error('broken too'))
    await settle()
    expect(socket.isDestroyed).toBe(true)
    expect(closedCount()).toBe(1)
    expect(lines).toEqual([
      expect.objectContaining({ reason: 'Produce could not be answered', error: 'broken' }),
    ])
  })

  test.each([
    ['an oversized frame', Buffer.from([0x7f, 0xff, 0xff, 0xff])],
    ['a negative frame', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a frame too short for a header', Buffer.from([0, 0, 0, 2, 0, 3])],
    ['an unknown API', Buffer.from([0, 0, 0, 8, 3, 0xe8, 0, 0, 0, 0, 0, 1])],
    ['an API this listener does not serve', Buffer.from([0, 0, 0, 8, 0, 12, 0, 0, 0, 0, 0, 1])],
    ['an unsupported version', Buffer.from([0, 0, 0, 8, 0, 3, 0, 99, 0, 0, 0, 1])],
  ])('closes on %s', (_name, bytes) => {
    const { socket, calls, lines } = start()
    socket.data(bytes)
    expect(socket.isDestroyed).toBe(true)
    expect(calls.length).toBe(0)
    expect(lines.length).toBe(1)
  })

  test('answers an unsupported version of ApiVersions in v0 with its range', () => {
    const { socket, calls } = start()
    socket.data(Buffer.from([0, 0, 0, 8, 0, 18, 0, 99, 0, 0, 0, 7]))
    expect(calls.length).toBe(0)
    const frame = socket.writes[0]!.subarray(4)
    const header = readResponseHeader(ApiVersions, 0, frame)
    expect(header.correlationId).toBe(7)
    expect(decodeResponse(ApiVersions, 0, frame.subarray(header.bodyOffset))).toMatchObject({
      errorCode: 35,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: ApiVersions.maxVersion }],
    })
  })

  test('tells whoever waits that the connection has ended, unless he unregistered', () => {
    const { socket, calls } = start()
    socket.data(metadataRequest(1))
    const { connection } = calls[0]!.context
    const heard: string[] = []
    connection.onClose(() => heard.push('first'))
    connection.onClose(() => heard.push('second'))()
    socket.destroy()
    connection.onClose(() => heard.push('late'))
    expect(heard).toEqual(['first', 'late'])
    expect(connection.isClosed).toBe(true)
  })

  test('is not idle while a request is in processing', () => {
    const { socket, connection } = start()
    expect(connection.idleMs(1005)).toBe(1000)
    socket.data(metadataRequest(1))
    expect(connection.idleMs(1005)).toBe(0)
  })
})

describe('memory that a reply points into', () => {
  function held() {
    const started = start()
    const counts = { released: 0 }
    const hold = (index: number) =>
      started.calls[index]?.context.holdUntilSent?.(() => {
        counts.released += 1
      })
    return { ...started, counts, hold }
  }

  test('is held until the system has taken the reply', async () => {
    const { socket, calls, counts, hold } = held()
    socket.data(metadataRequest(1))
    hold(0)
    calls[0]!.reply(metadataReply(calls[0]!))
    await settle()
    expect(socket.writes.length).toBe(1)
    expect(counts.released).toBe(0)
    socket.unsent[0]?.()
    expect(counts.released).toBe(1)
    socket.destroy()
    expect(counts.released).toBe(1)
  })

  test('is released once when the connection dies before the reply is sent', async () => {
    const { socket, calls, counts, hold } = held()
    socket.data(metadataRequest(1))
    hold(0)
    calls[0]!.reply(metadataReply(calls[0]!))
    await settle()
    socket.destroy()
    expect(counts.released).toBe(1)
    socket.unsent[0]?.()
    expect(counts.released).toBe(1)
  })

  test('is not released while the handler is at work on a dead connection', async () => {
    const { socket, calls, counts, hold } = held()
    socket.data(metadataRequest(1))
    hold(0)
    socket.destroy()
    expect(counts.released).toBe(0)
    calls[0]!.reply(metadataReply(calls[0]!))
    await settle()
    expect(counts.released).toBe(1)
    expect(socket.writes.length).toBe(0)
  })

  test('is released when the request fails or has no reply', async () => {
    for (const end of [
      (call: Call) => call.reply(null),
      (call: Call) => call.fail(new Error('x')),
    ]) {
      const { socket, calls, counts, hold } = held()
      socket.data(metadataRequest(1))
      hold(0)
      end(calls[0]!)
      await settle()
      expect(counts.released).toBe(1)
    }
  })

  test('is released when its reply waits behind another one as the connection dies', async () => {
    const { socket, calls, counts, hold } = held()
    socket.data(produceRequest(1))
    socket.data(produceRequest(2))
    hold(1)
    calls[1]!.reply(produceReply(calls[1]!))
    await settle()
    expect(counts.released).toBe(0)
    socket.destroy()
    expect(counts.released).toBe(1)
  })
})
