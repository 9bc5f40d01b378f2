import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'

const TOKEN = 'a-token-for-automation-of-32-characters-and-more'
const folder = vi.hoisted(() => ({ path: '' }))

beforeAll(() => {
  folder.path = mkdtempSync(join(tmpdir(), 'eyrie-auth-'))
  vi.stubEnv('EYRIE_DATA_DIR', folder.path)
  vi.stubEnv('EYRIE_API_TOKEN', TOKEN)
})
afterAll(async () => {
  const { closeDatabase } = await import('../db/client.ts')
  await closeDatabase()
  rmSync(folder.path, { recursive: true })
  vi.unstubAllEnvs()
})

const ORIGIN = 'http://127.0.0.1:3000'
type Handler = (request: Request) => Promise<Response>

interface Given {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

async function call(handler: Handler, path: string, { method, body, headers }: Given = {}) {
  const response = await handler(
    new Request(`${ORIGIN}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { host: '127.0.0.1:3000', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  )
  const text = await response.text()
  const type = response.headers.get('content-type')
  return { status: response.status, type, json: JSON.parse(text), headers: response.headers }
}

function cookieOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

const routes = {
  setup: () => import('../../app/api/v1/setup/route.ts'),
  signIn: () => import('../../app/api/v1/sign-in/route.ts'),
  signOut: () => import('../../app/api/v1/sign-out/route.ts'),
  account: () => import('../../app/api/v1/account/route.ts'),
  password: () => import('../../app/api/v1/account/password/route.ts'),
  everywhere: () => import('../../app/api/v1/account/sign-out-everywhere/route.ts'),
  users: () => import('../../app/api/v1/users/route.ts'),
  user: () => import('../../app/api/v1/users/[user]/route.ts'),
  audit: () => import('../../app/api/v1/audit/route.ts'),
  health: () => import('../../app/api/health/route.ts'),
  auth: () => import('../../app/api/auth/[...all]/route.ts'),
  rest: () => import('../../app/api/[...path]/route.ts'),
}
const admin = { email: 'ada@example.org', password: 'correct horse battery' }
const viewer = { email: 'vic@example.org', password: 'another long password' }
const bearer = { authorization: `Bearer ${TOKEN}` }

async function signIn(who: { email: string; password: string }): Promise<Record<string, string>> {
  const { POST } = await routes.signIn()
  const { headers, status } = await call(POST, '/api/v1/sign-in', { body: who })
  expect(status).toBe(200)
  return { cookie: cookieOf(headers) }
}

describe('before the first administrator', () => {
  test('nothing answers but health and the one-time link', async () => {
    const health = await call((await routes.health()).GET, '/api/health')
    expect(health).toMatchObject({ status: 200, json: { status: 'ok' } })
    for (const [name, path] of [['account'], ['users'], ['audit'], ['rest', 'openapi']] as const) {
      const { GET } = await routes[name]()
      const refused = await call(GET, `/api/v1/${path ?? name}`)
      expect(refused).toMatchObject({ status: 401, type: 'application/problem+json' })
      expect(refused.json).toMatchObject({ code: 'unauthenticated', status: 401 })
    }
    const state = await call((await routes.setup()).GET, '/api/v1/setup?token=guess')
    expect(state.json).toEqual({ isNeeded: true, isTokenValid: false })
  })

  test('the link makes one administrator, once, and signs in', async () => {
    const { firstStart } = await import('./first-start.ts')
    const stale = new URL((await firstStart()) ?? '').searchParams.get('token')
    const token = new URL((await firstStart()) ?? '').searchParams.get('token')
    const { GET, POST } = await routes.setup()
    const body = { token, ...admin, startSampleTraffic: false }
    const refused = await call(POST, '/api/v1/setup', { body: { ...body, token: stale } })
    expect(refused.status).toBe(403)
    const state = await call(GET, `/api/v1/setup?token=${token}`)
    expect(state.json).toEqual({ isNeeded: true, isTokenValid: true })
    const short = await call(POST, '/api/v1/setup', { body: { ...body, password: 'short' } })
    expect(short).toMatchObject({ status: 400, json: { errors: [{ path: 'password' }] } })
    const both = await Promise.all([
      call(POST, '/api/v1/setup', { body }),
      call(POST, '/api/v1/setup', { body: { ...body, email: 'eve@example.org' } }),
    ])
    const made = both.filter(({ status }) => status === 201)
    expect(made.length).toBe(1)
    expect(made[0]?.json.role).toBe('administrator')
    const cookie = cookieOf(made[0]?.headers ?? new Headers())
    const { GET: account } = await routes.account()
    const me = await call(account, '/api/v1/account', { headers: { cookie } })
    expect(me.json.email).toBe(made[0]?.json.email)
    const again = await call(POST, '/api/v1/setup', { body })
    expect(again.status).toBe(409)
    expect(await firstStart()).toBeNull()
    if (me.json.email !== admin.email) admin.email = me.json.email
  })

  test('the secret is readable by its owner alone', () => {
    expect(statSync(join(folder.path, 'auth-secret')).mode & 0o777).toBe(0o600)
  })
})

describe('after it', () => {
  test('signing up is closed on every door', async () => {
    const { POST } = await routes.auth()
    const body = { email: 'mallory@example.org', password: 'long enough password', name: 'M' }
    const refused = await call(POST, '/api/auth/sign-up/email', { body })
    expect(refused.status).toBe(401)
    const { auth } = await import('./auth.ts')
    await expect((await auth()).api.signUpEmail({ body })).rejects.toThrow()
  })

  test('the bearer token is an administrator, and a wrong one nobody', async () => {
    const { GET } = await routes.account()
    const me = await call(GET, '/api/v1/account', { headers: bearer })
    expect(me.json).toEqual({
      id: null,
      email: 'api-token',
      name: 'api-token',
      role: 'administrator',
    })
    const wrong = await call(GET, '/api/v1/account', {
      headers: { authorization: `Bearer ${TOKEN}x` },
    })
    expect(wrong.status).toBe(401)
  })

  test('a viewer reads, and is refused to change anything', async () => {
    const { GET, POST } = await routes.users()
    const made = await call(POST, '/api/v1/users', {
      body: { ...viewer, role: 'viewer' },
      headers: bearer,
    })
    expect(made).toMatchObject({ status: 201, json: { role: 'viewer', email: viewer.email } })
    const session = await signIn(viewer)
    const { GET: audit } = await routes.audit()
    expect((await call(audit, '/api/v1/audit', { headers: session })).status).toBe(200)
    expect((await call(GET, '/api/v1/users', { headers: session })).status).toBe(403)
    const body = { email: 'x@example.org', password: 'long enough password', role: 'viewer' }
    const refused = await call(POST, '/api/v1/users', { body, headers: session })
    expect(refused).toMatchObject({ status: 403, json: { code: 'forbidden' } })
  })

  test('an administrator changes by cookie from our own page only', async () => {
    const session = await signIn(admin)
    const { POST } = await routes.users()
    const body = { email: 'second@example.org', password: 'long enough password', role: 'viewer' }
    const evil: Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:9999' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const headers of evil) {
      const refused = await call(POST, '/api/v1/users', {
        body,
        headers: { ...session, ...headers },
      })
      expect(refused.status, JSON.stringify(headers)).toBe(403)
    }
    const good = await call(POST, '/api/v1/users', {
      body,
      headers: { ...session, origin: ORIGIN },
    })
    expect(good.status).toBe(201)
  })

  test('a foreign host name is refused, whoever asks', async () => {
    const { GET } = await routes.account()
    for (const host of ['evil.example', 'evil.example:3000', 'localhost.evil.example'])
      expect((await call(GET, '/api/v1/account', { headers: { ...bearer, host } })).status).toBe(
        403,
      )
    for (const host of ['localhost:3000', '127.0.0.1', '[::1]:3000', 'LOCALHOST'])
      expect((await call(GET, '/api/v1/account', { headers: { ...bearer, host } })).status).toBe(
        200,
      )
  })

  test('too many wrong passwords wait, the right one included', async () => {
    // All within the limit's minute, however busy the machine.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    onTestFinished(() => void vi.useRealTimers())
    const { POST } = await routes.signIn()
    const who = { email: 'second@example.org', password: 'wrong wrong wrong' }
    for (let attempt = 0; attempt < 5; attempt++)
      expect((await call(POST, '/api/v1/sign-in', { body: who })).status).toBe(401)
    const waiting = await call(POST, '/api/v1/sign-in', {
      body: { ...who, password: 'long enough password' },
    })
    expect(waiting).toMatchObject({ status: 429, json: { code: 'too-many-requests' } })
    expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThan(0)
    const { POST: door } = await routes.auth()
    const other = await call(door, '/api/auth/sign-in/email', { body: who })
    expect(other.status).toBe(429)
  })

  test('a new password ends the other sessions, signing out everywhere all', async () => {
    const one = await signIn(viewer)
    const two = await signIn(viewer)
    const { POST } = await routes.password()
    const wrong = await call(POST, '/api/v1/account/password', {
      body: { currentPassword: 'not the password', newPassword: 'a brand new password' },
      headers: one,
    })
    expect(wrong.status).toBe(400)
    const changed = await call(POST, '/api/v1/account/password', {
      body: { currentPassword: viewer.password, newPassword: 'a brand new password' },
      headers: one,
    })
    expect(changed.status).toBe(200)
    viewer.password = 'a brand new password'
    const { GET } = await routes.account()
    const isIn = async (headers: Record<string, string>) =>
      (await call(GET, '/api/v1/account', { headers })).status === 200
    expect(await isIn(two)).toBe(false)
    const renewed = { cookie: cookieOf(changed.headers) }
    const three = await signIn(viewer)
    expect([await isIn(renewed), await isIn(three)]).toEqual([true, true])
    const { POST: everywhere } = await routes.everywhere()
    await call(everywhere, '/api/v1/account/sign-out-everywhere', { body: {}, headers: three })
    expect([await isIn(renewed), await isIn(three)]).toEqual([false, false])
  })

  test('signing out ends the session', async () => {
    const session = await signIn(viewer)
    const { POST } = await routes.signOut()
    const out = await call(POST, '/api/v1/sign-out', { body: {}, headers: session })
    expect(out.status).toBe(200)
    const { GET } = await routes.account()
    expect((await call(GET, '/api/v1/account', { headers: session })).status).toBe(401)
  })

  test('the last administrator can be neither removed nor lowered', async () => {
    const { GET } = await routes.users()
    const { items } = (await call(GET, '/api/v1/users', { headers: bearer })).json
    const last = items.find((user: { role: string }) => user.role === 'administrator')
    const { DELETE, PATCH } = await routes.user()
    const path = `/api/v1/users/${last.id}`
    const removed = await call(DELETE, path, { method: 'DELETE', headers: bearer })
    expect(removed).toMatchObject({ status: 409, json: { code: 'conflict' } })
    const lowered = await call(PATCH, path, {
      method: 'PATCH',
      body: { role: 'viewer' },
      headers: bearer,
    })
    expect(lowered.status).toBe(409)
  })

  test('every change is in the audit log, without passwords', async () => {
    const { GET } = await routes.audit()
    const { json } = await call(GET, '/api/v1/audit?pageSize=500', { headers: bearer })
    const actions = json.items.map((entry: { action: string }) => entry.action)
    for (const action of ['completeSetup', 'createUser', 'changePassword', 'deleteUser'])
      expect(actions).toContain(action)
    const failed = json.items.find((entry: { action: string }) => entry.action === 'deleteUser')
    expect(failed).toMatchObject({ actor: 'api-token', outcome: 'failed', subjectType: 'user' })
    const text = JSON.stringify(json)
    for (const password of [admin.password, viewer.password, 'long enough password'])
      expect(text).not.toContain(password)
  })
})
