// Accounts in the browser: users added and removed, passwords changed, sessions ended; a viewer changes nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { allContracts } from '../../contracts/index.ts'
import { account, type Look, looksFrom, walkersOfFile } from '../support/console-walk.ts'

/** Pages are read again every five seconds. */
const LONGER_THAN_A_REFRESH_MS = 7_000
const walkers = walkersOfFile()

interface Users {
  items: { id: string; email: string; role: string }[]
}
const users = () => walkers.api<Users>('/users')

async function signIn(who: { email: string; password: string }): Promise<Response> {
  return fetch(`${walkers.eyrie.url}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(who),
  })
}

/** What a call of each mutation needs to get past its contract. */
const params: Record<string, string> = {
  cluster: 'embedded',
  topic: 'orders',
  group: 'nobody',
  broker: '1',
  user: 'nobody',
  pin: 'p1',
}
const bodies: Record<string, object> = {
  createTopic: { name: 'by-a-viewer' },
  addPartitions: { count: 99 },
  produceMessage: { value: 'by a viewer' },
  patchTopicConfigs: { set: { 'retention.ms': '1' } },
  patchBrokerConfigs: { set: { 'log.retention.ms': '1' } },
  resetOffsets: { to: 'earliest' },
  electLeaders: { type: 'preferred' },
  switchSample: { action: 'remove' },
  createUser: { email: 'x@example.com', password: 'long enough password', role: 'administrator' },
}

describe.each(looksFrom('zh'))('$locale, $theme, $width px', (look: Look) => {
  const viewer = {
    email: `vera-${look.locale}-${look.width}@example.com`,
    password: 'first long password',
  }
  const changed = { ...viewer, password: 'second long password' }

  test('an administrator adds a viewer', async () => {
    const walk = await walkers.walk(look)
    const { t, sheet, button, page } = walk
    await walk.go('/users')
    await button(t('users.add')).click()
    await sheet.getByLabel(t('users.email'), { exact: true }).fill(viewer.email)
    await sheet.getByLabel(t('users.firstPassword'), { exact: true }).fill('short')
    await walk.inspect('user-add')
    await button(t('users.add'), sheet).click()
    expect(await sheet.locator('input:invalid').count(), 'ten characters at least').toBe(1)
    await sheet.getByLabel(t('users.firstPassword'), { exact: true }).fill(viewer.password)
    await button(t('users.add'), sheet).click()
    await page.locator('main').getByText(viewer.email).waitFor()
    expect((await users()).items.find((user) => user.email === viewer.email)?.role).toBe('viewer')
    await walk.inspect('users')
    await walk.context.close()
  })

  test('a viewer sees every page and no way to change anything', async () => {
    const walk = await walkers.walk(look, viewer)
    const { t, page } = walk
    const words = [
      ['/clusters/embedded', [t('sample.label'), t('overview.electEllipsis')]],
      ['/clusters/embedded/topics', [t('topics.create')]],
      ['/clusters/embedded/topics/orders', [t('topic.deleteEllipsis'), t('topic.electEllipsis')]],
      ['/clusters/embedded/topics/orders?tab=messages', [t('messages.produceEllipsis')]],
      ['/clusters/embedded/topics/orders?tab=config', [t('config.editShort')]],
      ['/clusters/embedded/brokers', [t('brokers.actions')]],
      ['/clusters/embedded/config', [t('config.editShort')]],
      ['/clusters/embedded/topics?sheet=create-topic', [t('createTopic.do')]],
    ] as const
    for (const [path, forbidden] of words) {
      await walk.go(path)
      for (const word of forbidden) {
        const found = page
          .getByText(word, { exact: true })
          .or(page.getByLabel(word, { exact: true }))
        expect(await found.count(), `${path}: ${word}`).toBe(0)
      }
      expect(await page.getByRole('checkbox').count(), path).toBe(0)
      expect(await page.getByRole('dialog').count(), path).toBe(0)
    }
    await walk.inspect('viewer')
    await walk.context.close()
  })

  test('the API refuses a viewer every single change', async () => {
    const { context } = await walkers.walk(look, viewer)
    const mutations = allContracts.filter((one) => one.access === 'administrator')
    expect(mutations.length).toBeGreaterThan(15)
    for (const contract of mutations) {
      const path = contract.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? name)
      const response = await context.request.fetch(`${walkers.eyrie.url}${path}`, {
        method: contract.method,
        headers: { origin: walkers.eyrie.url },
        ...(contract.method === 'GET' ? {} : { data: bodies[contract.id] ?? {} }),
      })
      expect(response.status(), `${contract.id}: ${await response.text()}`).toBe(403)
      expect((await response.json()).type).toBe('urn:eyrie:problem:needs-administrator')
    }
    const open = allContracts.filter((one) => one.method !== 'GET' && one.access === 'viewer')
    expect(open.map((one) => one.id).sort()).toEqual(
      [
        'changePassword',
        'deleteLayout',
        'saveLayout',
        'signOut',
        'signOutEverywhere',
        'watchCluster',
      ].sort(),
    )
    await context.close()
  })

  test('one changes the password: the old one is no good, other sessions end', async () => {
    const other = await walkers.walk(look, viewer)
    const walk = await walkers.walk(look, viewer)
    const { t, button, page } = walk
    await walk.go('/account')
    const current = page.getByLabel(t('account.currentPassword'), { exact: true })
    const next = page.getByLabel(t('account.newPassword'), { exact: true })
    await current.fill('not the password')
    await next.fill(changed.password)
    await button(t('account.changePassword')).click()
    const alert = page.locator('main').getByRole('alert')
    await alert.waitFor()
    // The page gives sentences their capital.
    const said = (await alert.innerText()).toLowerCase()
    expect(said).toContain(t('problem.reason.wrong-password').toLowerCase())
    walk.errors.length = 0
    await current.fill(viewer.password)
    await next.fill(changed.password)
    // The answer brings a new cookie: nothing is asked with the old one, however long it takes.
    const asked: string[] = []
    await page.route('**/api/v1/account/password', async (route) => {
      const note = (request: Request) => asked.push(request.url())
      page.on('request', note)
      await sleep(LONGER_THAN_A_REFRESH_MS)
      page.off('request', note)
      await route.continue()
    })
    await button(t('account.changePassword')).click()
    await page.getByText(t('account.changed')).waitFor()
    expect(asked).toEqual([])
    await walk.inspect('account')
    expect((await signIn(viewer)).status).toBe(401)
    expect((await signIn(changed)).status).toBe(200)
    const ended = await other.context.request.get(`${walkers.eyrie.url}/api/v1/account`)
    expect(ended.status()).toBe(401)
    const kept = await walk.context.request.get(`${walkers.eyrie.url}/api/v1/account`)
    expect(kept.status(), 'this session goes on').toBe(200)
    await Promise.all([walk.context.close(), other.context.close()])
  })

  test('signing out everywhere ends every session of one’s own, and nobody else’s', async () => {
    const mine = await walkers.walk(look, changed)
    const walk = await walkers.walk(look, changed)
    const admin = await walkers.walk(look)
    await walk.go('/account')
    await walk.button(walk.t('account.everywhere')).click()
    await walk.page.waitForURL(/\/sign-in/)
    const statusOf = async (one: typeof mine) =>
      (await one.context.request.get(`${walkers.eyrie.url}/api/v1/account`)).status()
    expect(await statusOf(mine)).toBe(401)
    expect(await statusOf(walk)).toBe(401)
    expect(await statusOf(admin)).toBe(200)
    await Promise.all([mine, walk, admin].map((one) => one.context.close()))
  })

  test('a removed user is signed out and cannot come back', async () => {
    const theirs = await walkers.walk(look, changed)
    const walk = await walkers.walk(look)
    const { t, sheet, button, page } = walk
    await walk.go('/users')
    await page.getByLabel(t('users.removeUser', { email: viewer.email }), { exact: true }).click()
    const go = button(t('users.remove'), sheet)
    expect(await go.isEnabled()).toBe(false)
    await sheet.locator('input').fill(viewer.email)
    await walk.inspect('user-remove')
    await go.click()
    await sheet.waitFor({ state: 'detached' })
    expect((await users()).items.map((user) => user.email)).not.toContain(viewer.email)
    const ended = await theirs.context.request.get(`${walkers.eyrie.url}/api/v1/account`)
    expect(ended.status()).toBe(401)
    expect((await signIn(changed)).status).toBe(401)
    await Promise.all([walk.context.close(), theirs.context.close()])
  })
})

test('the last administrator stays', async () => {
  const { items } = await users()
  const last = items.find((user) => user.email === account.email)
  const response = await fetch(`${walkers.eyrie.url}/api/v1/users/${last?.id}`, {
    method: 'DELETE',
    headers: {
      authorization: 'Bearer end-to-end-token-of-thirty-two-characters-or-more',
      'content-type': 'application/json',
    },
  })
  expect(response.status).toBe(409)
  expect(((await response.json()) as { type: string }).type).toContain('last-administrator')
})
