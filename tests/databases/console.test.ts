// `npm start` with its tables in PostgreSQL and in MariaDB: the first administrator signs in and sees data.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { type DatabaseServer, startMariadb, startPostgresql } from '../support/database-servers.ts'
import { until } from '../support/eyrie-cluster.ts'
import { type EyrieConsole, startConsole } from '../support/eyrie-console.ts'

const account = { email: 'ada@example.com', password: 'a long enough password' }
const CLUSTER = '/clusters/embedded'

let server: DatabaseServer | undefined
let eyrie: EyrieConsole | undefined

afterEach(async () => {
  await eyrie?.stop()
  eyrie = undefined
  await server?.stop()
  server = undefined
})

async function signIn(url: string, who: { email: string; password: string }): Promise<Response> {
  return fetch(`${url}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(who),
  })
}

/** What the account sees, by the cookies that signing in gave. */
async function sessionOf(url: string) {
  const signedIn = await signIn(url, account)
  expect(signedIn.status, await signedIn.clone().text()).toBe(200)
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  return async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}/api/v1${path}`, { headers: { cookie } })
    expect(response.status, `${path}: ${await response.clone().text()}`).toBe(200)
    return (await response.json()) as T
  }
}

interface Overview {
  counts: { brokersOnline: number; topics: number; partitions: number }
  throughputByTopic: { points: { value: number | null }[] }[]
}
interface Topic {
  name: string
  partitions: number
  sizeBytes: number | null
}
interface Lag {
  series: { partition: number | null; points: { lag: number | null }[] }[]
}

/** Processes below this one, by their ids. */
function familyOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat='], { encoding: 'utf8' }).split('\n')
  const rows = lines.map((line) => line.trim().split(/\s+/))
  const alive = rows.filter(([, , state]) => state !== undefined && !state.startsWith('Z'))
  const found = [pid]
  for (const parent of found) {
    found.push(...alive.flatMap(([own, above]) => (Number(above) === parent ? [Number(own)] : [])))
  }
  return found
}

function isAlive(pid: number): boolean {
  try {
    // A zombie waits for whoever runs this test, not for anything of ours.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

test.each([
  ['postgresql', startPostgresql],
  ['mysql', startMariadb],
])('npm start with its tables in %s', async (scheme, start) => {
  server = await start()
  const databaseUrl = server.createDatabase('console')
  expect(databaseUrl).toMatch(new RegExp(`^${scheme}://`))
  eyrie = await startConsole({
    DATABASE_URL: databaseUrl,
    EYRIE_ADMIN_EMAIL: account.email,
    EYRIE_ADMIN_PASSWORD: account.password,
    EYRIE_SAMPLE: '1',
  })
  const { url, pid } = eyrie
  expect((await signIn(url, { ...account, password: 'not the password' })).status).toBe(401)
  const get = await sessionOf(url)

  await until('topics of the sample have a size', async () => {
    const { items } = await get<{ items: Topic[] }>(`${CLUSTER}/topics`)
    const orders = items.find(({ name }) => name === 'orders')
    return orders !== undefined && orders.partitions > 0 && (orders.sizeBytes ?? 0) > 0
  })
  await until('the overview has brokers and throughput', async () => {
    const { counts, throughputByTopic } = await get<Overview>(`${CLUSTER}/overview`)
    const points = throughputByTopic.flatMap((series) => series.points)
    return counts.brokersOnline === 3 && points.some(({ value }) => (value ?? 0) > 0)
  })
  await until("a group's lag has points", async () => {
    const { items } = await get<{ items: { id: string }[] }>(`${CLUSTER}/groups`)
    for (const { id } of items) {
      const { series } = await get<Lag>(`${CLUSTER}/groups/${encodeURIComponent(id)}/lag`)
      const total = series.find(({ partition }) => partition === null)
      const points = total?.points.filter(({ lag }) => lag !== null) ?? []
      if (points.length > 1) return true
    }
    return false
  })

  const family = familyOf(pid)
  expect(family.length).toBeGreaterThan(4)
  const output = eyrie.output()
  expect(output).not.toContain('a%20secret')
  await eyrie.stop()
  // What ended as an orphan is there until the system has taken note.
  await until('no process of it is left', () => !family.some(isAlive))
})
