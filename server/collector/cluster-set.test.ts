import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { ListGroups } from '../../protocol/schemas/16-list-groups.ts'
import { FakeBroker } from '../testing/fake-broker.ts'
import { backoffMsOf } from './cluster-attempts.ts'

const TOKEN = 'a-token-for-automation-of-32-characters-and-more'
const ORIGIN = 'http://127.0.0.1:3000'
const SECRET = 'hunter2-hunter2'
const folder = vi.hoisted(() => ({ path: '' }))
let broker: FakeBroker
/** Accepts, reads and never says a word. */
let mute: Server
const muteSockets = new Set<Socket>()
/** The last connection to it, and since when. */
let hanging: { socket: Socket; sinceMs: number } | null = null

beforeAll(async () => {
  folder.path = mkdtempSync(join(tmpdir(), 'eyrie-clusters-'))
  vi.stubEnv('EYRIE_DATA_DIR', folder.path)
  vi.stubEnv('EYRIE_API_TOKEN', TOKEN)
  vi.stubEnv('EYRIE_EMBEDDED_BOOTSTRAP', '')
  broker = await FakeBroker.start()
  const node = { nodeId: 1, host: '127.0.0.1', port: broker.port, rack: null }
  broker.on(Metadata, () => ({ brokers: [node], clusterId: 'kafka', controllerId: 1, topics: [] }))
  broker.on(ListGroups, () => ({ errorCode: 0, groups: [] }))
  mute = createServer((socket) => {
    muteSockets.add(socket.on('error', () => socket.destroy()))
    hanging = { socket, sinceMs: Date.now() }
    socket.resume()
  })
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  const { port } = mute.address() as AddressInfo
  vi.stubEnv('EYRIE_CLUSTERS', `mute=127.0.0.1:${port}`)
})
afterAll(async () => {
  const { closeDatabase } = await import('../db/client.ts')
  await closeDatabase()
  await broker.close()
  for (const socket of muteSockets) socket.destroy()
  mute.close()
  rmSync(folder.path, { recursive: true })
  vi.unstubAllEnvs()
})

type Handlers = Record<string, (request: Request) => Promise<Response>>

async function call(handlers: Handlers, method: string, path: string, body?: object) {
  const handler = handlers[method]
  if (handler === undefined) throw new Error(`no ${method} ${path}`)
  const headers = { host: '127.0.0.1:3000', authorization: `Bearer ${TOKEN}` }
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
  const response = await handler(new Request(`${ORIGIN}${path}`, init))
  return { status: response.status, text: await response.text() }
}

const clusters = () => import('../../app/api/v1/clusters/route.ts') as Promise<unknown>
const definition = () =>
  import('../../app/api/v1/clusters/[cluster]/definition/route.ts') as Promise<unknown>

/** Ticks until it holds; what hangs makes the test's own time limit end it. */
async function tickUntil(tick: () => Promise<void>, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await tick()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a cluster added by the API is read, beside one that hangs; changed and removed, too', async () => {
  const { database } = await import('../db/client.ts')
  const { ClusterSet } = await import('./cluster-set.ts')
  const db = await database()
  const set = new ClusterSet(db)
  let clockMs = Date.now()
  const attention = () =>
    new Map(set.ids.map((id) => [id, { untilMs: 0, wantedMs: clockMs + (id === 'mute' ? 0 : 1) }]))
  const tick = () => {
    clockMs += 2_000
    return set.tick(clockMs, attention())
  }
  await set.reload()
  await set.settled()
  expect(set.ids).toEqual(['mute'])

  const body = {
    name: 'Orders (EU)',
    isProduction: true,
    bootstrapServers: [`127.0.0.1:${broker.port}`],
    metrics: { kind: 'prometheus', url: 'http://{host}:1/metrics', username: 'me' },
    secrets: { metricsPassword: SECRET },
  }
  const created = await call((await clusters()) as Handlers, 'POST', '/api/v1/clusters', body)
  expect(created.status, created.text).toBe(201)
  expect(JSON.parse(created.text)).toMatchObject({
    id: 'orders-eu',
    origin: 'console',
    secretsSet: ['metricsPassword'],
  })
  const again = await call((await clusters()) as Handlers, 'POST', '/api/v1/clusters', body)
  expect(again.status).toBe(409)

  const seen = new Set<string>()
  // Were they read in turn, none would begin and end while an attempt at the mute one is under way.
  let isReadMeanwhile = false
  await tickUntil(tick, async () => {
    const during = hanging
    const row = await db.clusterInventory.findUnique({ where: { clusterId: 'orders-eu' } })
    if (row?.asOf == null) return false
    seen.add(String(row.asOf))
    const isUnderWay = during !== null && !during.socket.destroyed
    isReadMeanwhile ||= isUnderWay && Number(row.asOf) > during.sinceMs
    return isReadMeanwhile && seen.size >= 4
  })
  await tickUntil(tick, async () => {
    const health = await db.clusterHealth.findUnique({ where: { clusterId: 'orders-eu' } })
    return health?.state === 'reachable'
  })

  const path = '/api/v1/clusters/orders-eu/definition'
  const shown = await call((await definition()) as Handlers, 'GET', path)
  const listed = await call((await clusters()) as Handlers, 'GET', '/api/v1/clusters')
  const audited = JSON.stringify(await db.auditEntry.findMany())
  const stored = JSON.stringify(await db.clusterDefinition.findMany())
  for (const text of [shown.text, listed.text, audited, stored]) expect(text).not.toContain(SECRET)
  expect(readFileSync(join(folder.path, 'eyrie.db')).includes(SECRET)).toBe(false)

  const patched = await call((await definition()) as Handlers, 'PATCH', path, { name: 'Orders' })
  expect(JSON.parse(patched.text)).toMatchObject({
    name: 'Orders',
    isProduction: true,
    secretsSet: ['metricsPassword'],
  })
  const foreign = '/api/v1/clusters/mute/definition'
  const refused = await call((await definition()) as Handlers, 'PATCH', foreign, { name: 'x' })
  expect(refused.status).toBe(422)

  const removed = await call((await definition()) as Handlers, 'DELETE', path)
  expect(removed.status, removed.text).toBe(200)
  expect((await call((await definition()) as Handlers, 'GET', path)).status).toBe(404)
  await tickUntil(tick, async () => (await db.clusterDefinition.count()) === 0)
  expect(set.ids).toEqual(['mute'])
  for (const count of [
    db.clusterInventory.count({ where: { clusterId: 'orders-eu' } }),
    db.chunk.count({ where: { clusterId: 'orders-eu' } }),
    db.journal.count({ where: { clusterId: 'orders-eu' } }),
    db.clusterHealth.count({ where: { clusterId: 'orders-eu' } }),
  ]) {
    expect(await count).toBe(0)
  }
  expect(await db.auditEntry.count({ where: { clusterId: 'orders-eu' } })).toBe(3)

  for (const socket of muteSockets) socket.destroy()
  await tickUntil(tick, async () => {
    const health = await db.clusterHealth.findUnique({ where: { clusterId: 'mute' } })
    return health?.state === 'unreachable'
  })
  await set.close()
}, 240_000)

test('attempts at a cluster that is down come less and less often, sooner while somebody waits', () => {
  const pauses = [0, 1, 2, 3, 4, 30].map((failures) =>
    backoffMsOf(10_000, { failures, isWatched: false }),
  )
  expect(pauses).toEqual([10_000, 10_000, 20_000, 40_000, 60_000, 60_000])
  expect(backoffMsOf(5_000, { failures: 9, isWatched: true })).toBe(10_000)
  expect(backoffMsOf(60_000, { failures: 9, isWatched: true })).toBe(60_000)
})
