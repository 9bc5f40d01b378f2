// The listener and the peer client against each other, over real loopback sockets.
import { afterEach, describe, expect, test } from 'vitest'
import { decodeRequest, encodeRequest } from '../../protocol/api.ts'
import { responseFrame } from '../../protocol/frames.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { ApiVersions } from '../../protocol/schemas/18-api-versions.ts'
import { Vote } from '../../protocol/schemas/52-vote.ts'
import { createNodeRuntime } from '../runtime/node-runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { defaultListenerSettings, type ListenerSettings, SocketListener } from './listener.ts'
import { connectPeer, type PeerClientSettings } from './peer-client.ts'
import type { Dispatch, PeerClient, RequestContext } from './types.ts'

/** Of what must be answered, however busy the machine. */
const TIMEOUT_MS = 60_000

const lines: string[] = []
const runtime = createNodeRuntime({ writeLine: (line) => lines.push(line) })
const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  lines.length = 0
})

function answerApiVersions(context: RequestContext): Buffer[] {
  return responseFrame(
    ApiVersions,
    { version: context.apiVersion, correlationId: context.correlationId },
    {
      apiKeys: [
        { apiKey: 18, minVersion: 0, maxVersion: 4 },
        { apiKey: 3, minVersion: 0, maxVersion: 8 },
      ],
    },
  )
}

async function serve(
  dispatch: Dispatch,
  settings: Partial<ListenerSettings> = {},
  ofListener: Runtime = runtime,
) {
  const listener = await SocketListener.open({
    name: 'CONTROLLER',
    endpoint: { host: '127.0.0.1', port: 0 },
    runtime: ofListener,
    settings: { ...defaultListenerSettings, ...settings },
    serves: () => true,
    dispatch: async (context, body) =>
      context.apiKey === ApiVersions.key ? answerApiVersions(context) : dispatch(context, body),
  })
  closers.push(() => listener.close())
  return listener
}

function connect(listener: SocketListener, settings: Partial<PeerClientSettings> = {}): PeerClient {
  const { endpoint } = listener
  const client = connectPeer({ endpoint, clientId: 'test', runtime, settings })
  closers.push(() => client.close())
  return client
}

const echo: Dispatch = async (context, body) => {
  const request = decodeRequest(Metadata, context.apiVersion, body)
  return responseFrame(
    Metadata,
    { version: context.apiVersion, correlationId: context.correlationId },
    { clusterId: request.topics?.[0]?.name ?? null, controllerId: context.apiVersion },
  )
}

describe('PeerClient', () => {
  test('negotiates the highest version both know and answers pipelined requests in order', async () => {
    const client = connect(await serve(echo), { maxInFlightRequests: 3 })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_unused, index) =>
        client.send(Metadata, { topics: [{ name: `t${index}` }] }, { timeoutMs: TIMEOUT_MS }),
      ),
    )
    expect(answers.map((answer) => answer.clusterId)).toEqual(
      Array.from({ length: 20 }, (_unused, index) => `t${index}`),
    )
    expect(answers[0]?.controllerId).toBe(8)
    expect(client.state).toBe('connected')
  })

  test('refuses an API or a version the peer does not serve, and stays usable', async () => {
    const client = connect(await serve(echo))
    await expect(client.send(Vote, {}, { timeoutMs: TIMEOUT_MS })).rejects.toMatchObject({
      code: 'UNSUPPORTED_VERSION',
    })
    await expect(
      client.send(Metadata, { topics: [] }, { timeoutMs: TIMEOUT_MS, version: 9 }),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED_VERSION' })
    await client.send(Metadata, { topics: [] }, { timeoutMs: TIMEOUT_MS, version: 4 })
  })

  test('rejects everything with ECONNREFUSED where nobody listens', async () => {
    const listener = await serve(echo)
    const { endpoint } = listener
    await listener.close()
    const client = connectPeer({ endpoint, clientId: 'test', runtime })
    const closed = new Promise((resolve) => client.onClose(resolve))
    await expect(client.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    expect(await closed).toBe('ECONNREFUSED')
    expect(client.state).toBe('closed')
  })

  test('closes when a reply does not come within its time', async () => {
    const client = connect(await serve(() => new Promise<never>(() => undefined)))
    const closed = new Promise((resolve) => client.onClose(resolve))
    const late = client.send(Metadata, {}, { timeoutMs: 30 })
    const behind = client.send(Metadata, {}, { timeoutMs: 60_000 })
    await expect(late).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    await expect(behind).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(await closed).toBe('ETIMEDOUT')
  })

  test('rejects what is unanswered when the peer ends the connection', async () => {
    const client = connect(
      await serve(async () => {
        throw new Error('no')
      }),
    )
    await expect(client.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })).rejects.toMatchObject({
      code: expect.any(String),
    })
    expect(client.state).toBe('closed')
    expect(lines.filter((line) => line.includes('Closing a connection')).length).toBe(1)
  })

  test('bounds what waits', async () => {
    const client = connect(await serve(echo), { maxWaitingRequests: 1 })
    const first = client.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })
    await expect(client.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })).rejects.toMatchObject({
      code: 'EBUSY',
    })
    await first
  })
})

describe('SocketListener', () => {
  test('closes a connection over its limit at once and keeps the others', async () => {
    const listener = await serve(echo, { maxConnections: 1 })
    const first = connect(listener)
    await first.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })
    const second = connect(listener)
    await expect(second.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })).rejects.toThrow()
    await first.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })
    expect(listener.connectionCount).toBe(1)
  })

  test('closes an idle connection', async () => {
    let nowMs = 0
    const looks: (() => void)[] = []
    const ownTime: Runtime = {
      ...runtime,
      clock: { ...runtime.clock, monotonicMs: () => nowMs },
      timers: {
        ...runtime.timers,
        set: (_delayMs, look) => looks.push(look),
        clear: () => undefined,
      },
    }
    const listener = await serve(echo, { connectionsMaxIdleMs: 20 }, ownTime)
    const client = connect(listener)
    const closed = new Promise((resolve) => client.onClose(resolve))
    await client.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })
    nowMs = 20
    looks.shift()?.()
    await client.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })
    nowMs = 41
    looks.shift()?.()
    await closed
    await expect.poll(() => listener.connectionCount).toBe(0)
  })

  test('takes no new connection once closed and ends the open ones', async () => {
    const listener = await serve(echo)
    const client = connect(listener)
    await client.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })
    const closed = new Promise((resolve) => client.onClose(resolve))
    await listener.close()
    await closed
    expect(listener.connectionCount).toBe(0)
    const late = connect(listener)
    await expect(late.send(Metadata, {}, { timeoutMs: TIMEOUT_MS })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  test('serves a large frame without changing a byte', async () => {
    const seen: number[] = []
    const listener = await serve(async (context, body) => {
      seen.push(body.length)
      return echo(context, body)
    })
    const name = 'x'.repeat(30_000)
    const topics = Array.from({ length: 100 }, () => ({ name }))
    const answer = await connect(listener).send(Metadata, { topics }, { timeoutMs: TIMEOUT_MS })
    expect(answer.clusterId).toBe(name)
    expect(seen[0]).toBe(Buffer.concat(encodeRequest(Metadata, 8, { topics })).length)
  })
})
