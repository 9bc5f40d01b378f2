import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ClusterTestEvent, TestClusterInput } from '../../contracts/cluster-definitions.ts'
import { systemContext } from '../context.ts'
import { testCluster } from './test-connection.ts'

/** Accepts and never says a word. */
let mute: Server
const sockets: Socket[] = []

beforeEach(async () => {
  // No deadline ever passes: what ends has been ended.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(mute, 'listening')
})
afterEach(() => {
  vi.useRealTimers()
  for (const socket of sockets.splice(0)) socket.destroy()
  mute.close()
})

const port = () => (mute.address() as AddressInfo).port

function start(ports: number[], signal: AbortSignal) {
  const input: TestClusterInput = {
    bootstrapServers: ports.map((one) => `127.0.0.1:${one}`),
    tls: null,
    sasl: null,
    metrics: { kind: 'none' },
    secrets: {},
  }
  return testCluster({ ctx: systemContext(signal), input })
}

const lineOf = (event: ClusterTestEvent): string =>
  event.type === 'result' ? `${event.result.step} ${event.result.outcome}` : event.type

test('steps are told as they are done, and the rest is ended with its connections', async () => {
  const reader = new AbortController()
  const events = await start([port()], reader.signal)
  const told: string[] = []
  for await (const event of events) {
    told.push(lineOf(event))
    if (event.type !== 'result' || event.result.step !== 'tcp') continue
    while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const closed = once(sockets[0] as Socket, 'close')
    // What was asked must be read for the end to be seen.
    sockets[0]?.resume()
    reader.abort()
    await closed
  }
  expect(told).toEqual(['plan', 'dns ok', 'tcp ok'])
})

test('where no server can be used the steps of the cluster are told as skipped', async () => {
  const gone = port()
  mute.close()
  const told: string[] = []
  for await (const event of await start([gone], new AbortController().signal)) {
    told.push(lineOf(event))
  }
  expect(told).toEqual([
    ...['plan', 'dns ok', 'tcp failed', 'api-versions skipped', 'metadata skipped'],
    ...['brokers skipped', 'permissions skipped', 'metrics skipped', 'end'],
  ])
})

test('a definition that cannot work is refused before anything is tried', async () => {
  const input = {
    bootstrapServers: [`127.0.0.1:${port()}`],
    tls: null,
    sasl: { mechanism: 'PLAIN' as const, username: 'ada' },
    metrics: { kind: 'none' as const },
    secrets: {},
  }
  await expect(testCluster({ ctx: systemContext(), input })).rejects.toMatchObject({
    reason: 'secret-missing',
  })
  expect(sockets).toEqual([])
})
