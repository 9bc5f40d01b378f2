// Chromium on the real console and its real cluster: from the one-time link through every page, an election, a
// config change, a broker killed and started, the lag chart's points; axe finds nothing, no console errors.
import AxeBuilder from '@axe-core/playwright'
import { createTranslator } from 'next-intl'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import en from '../../messages/en.json' with { type: 'json' }
import zh from '../../messages/zh.json' with { type: 'json' }
import { until } from '../support/eyrie-cluster.ts'
import { type EyrieConsole, launchBrowser, startConsole } from '../support/eyrie-console.ts'

const account = { email: 'ada@example.com', password: 'a long enough password' }
const token = 'end-to-end-token-of-thirty-two-characters-or-more'
const SLOW = { timeout: 120_000 }

interface Look {
  locale: 'en' | 'zh'
  theme: 'light' | 'dark'
  width: number
}
const both: Look[] = [
  { locale: 'en', theme: 'light', width: 1440 },
  { locale: 'zh', theme: 'dark', width: 390 },
]
const others: Look[] = [
  { locale: 'en', theme: 'dark', width: 390 },
  { locale: 'en', theme: 'dark', width: 1440 },
  { locale: 'zh', theme: 'light', width: 1440 },
  { locale: 'en', theme: 'light', width: 390 },
]
const looks = process.env.EYRIE_LOOKS === 'others' ? others : both

let eyrie: EyrieConsole
let browser: Browser
let session: Awaited<ReturnType<BrowserContext['storageState']>>

async function api<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(`${eyrie.url}/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  expect(response.status, `${path}: ${await response.clone().text()}`).toBeLessThan(400)
  return (await response.json()) as T
}

/** A page whose errors are gathered. */
async function openPage(context: BrowserContext): Promise<{ page: Page; errors: string[] }> {
  context.setDefaultTimeout(SLOW.timeout)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`))
  return { page, errors }
}

beforeAll(async () => {
  eyrie = await startConsole({ EYRIE_API_TOKEN: token })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await eyrie?.stop()
})

test('the one-time link makes the first administrator, once; within a minute there is lag to see', async () => {
  const context = await browser.newContext({ locale: 'en-GB' })
  const { page, errors } = await openPage(context)
  await page.goto(eyrie.setupLink)
  await page.locator('input[name=email]').fill(account.email)
  await page.locator('input[name=name]').fill('Ada')
  await page.locator('input[name=password]').fill(account.password)
  await page.locator('button[type=submit]').click()
  await page.waitForURL(/\/clusters\/embedded/, SLOW)
  const signedInMs = Date.now()
  session = await context.storageState()
  await until('the lag chart has points', async () => {
    const { items } = await api<{ items: { id: string }[] }>('/clusters/embedded/groups')
    for (const { id } of items) {
      const from = Date.now() - 3_600_000
      const lag = await api<{ series: { points: { lag: number | null }[] }[] }>(
        `/clusters/embedded/groups/${id}/lag?from=${from}&to=${Date.now()}`,
      )
      const points = lag.series.flatMap((s) => s.points).filter((p) => p.lag !== null)
      if (points.length > 1) return true
    }
    return false
  })
  console.log(`lag points ${Math.round((Date.now() - signedInMs) / 1000)} s after signing in`)
  expect(errors).toEqual([])

  await page.context().clearCookies()
  await page.goto(eyrie.setupLink)
  await expect.poll(() => page.locator('input[name=email]').count(), SLOW).toBeLessThan(2)
  const second = await fetch(`${eyrie.url}/api/v1/clusters`)
  expect(second.status).toBe(401)
  await context.close()
})

test('one signs in with e-mail and password, and not with a wrong one', async () => {
  const context = await browser.newContext({ locale: 'en-GB' })
  const { page } = await openPage(context)
  await page.goto(`${eyrie.url}/clusters/embedded`)
  await page.waitForURL(/sign-in/, SLOW)
  await page.locator('input[name=email]').fill(account.email)
  await page.locator('input[name=password]').fill('not the password')
  await page.locator('button[type=submit]').click()
  await page.getByRole('alert').first().waitFor(SLOW)
  await page.locator('input[name=password]').fill(account.password)
  await page.locator('button[type=submit]').click()
  await page.waitForURL(/\/clusters\/embedded/, SLOW)
  await context.close()
})

test('what is typed before the page has its scripts counts, and goes nowhere without them', async () => {
  const context = await browser.newContext({ locale: 'en-GB' })
  const { page } = await openPage(context)
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(/\/_next\/static\/.*\.js/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto(`${eyrie.url}/sign-in`, { waitUntil: 'commit' })
  await page.locator('input[name=email]').fill(account.email)
  await page.locator('input[name=password]').fill(account.password)
  await page.locator('input[name=password]').press('Enter')
  expect(await page.locator('button[type=submit]').isEnabled()).toBe(false)
  release()
  await page.locator('button[type=submit]').click()
  await page.waitForURL(/\/clusters\/embedded/, SLOW)
  await context.close()
})

const paths = [
  '/clusters/embedded',
  '/clusters/embedded/topics',
  '/clusters/embedded/topics/orders',
  '/clusters/embedded/topics/orders?tab=messages',
  '/clusters/embedded/topics/orders?tab=readers',
  '/clusters/embedded/topics/orders?tab=config',
  '/clusters/embedded/topics/orders?tab=charts',
  '/clusters/embedded/groups',
  '/clusters/embedded/brokers',
  '/clusters/embedded/brokers/1',
  '/clusters/embedded/brokers/1?tab=config',
  '/clusters/embedded/groups/analytics',
  '/clusters/embedded/lag',
  '/clusters/embedded/quorum',
  '/clusters/embedded/events',
  '/clusters/embedded/metrics',
  '/clusters/embedded/config',
  '/clusters',
  '/activity',
  '/users',
  '/account',
]

describe.each(looks)('$locale, $theme, $width px', (look) => {
  const t = createTranslator({ locale: look.locale, messages: look.locale === 'en' ? en : zh })
  let context: BrowserContext
  let page: Page
  let errors: string[]

  beforeAll(async () => {
    const domain = { domain: '127.0.0.1', path: '/' }
    context = await browser.newContext({
      storageState: session,
      viewport: { width: look.width, height: 900 },
      colorScheme: look.theme,
      // Colours on their way from one to the other are nothing to judge.
      reducedMotion: 'reduce',
    })
    await context.addCookies([
      { name: 'eyrie-locale', value: look.locale, ...domain },
      { name: 'eyrie-theme', value: look.theme, ...domain },
    ])
    await until('the pages have what they are about', async () => {
      const names = async (kind: 'topics' | 'groups') => {
        const { items } = await api<{ items: { name?: string; id: string }[] }>(
          `/clusters/embedded/${kind}`,
        )
        return items.map((item) => item.name ?? item.id)
      }
      return (
        (await names('topics')).includes('orders') && (await names('groups')).includes('analytics')
      )
    })
    const opened = await openPage(context)
    page = opened.page
    errors = opened.errors
  })
  afterAll(async () => {
    await context?.close()
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const settled = async (): Promise<void> => {
    await page.locator('h1').first().waitFor(SLOW)
    await expect
      .poll(() => page.locator('main .animate-breathe').count(), { ...SLOW, message: page.url() })
      .toBe(0)
  }

  test.each(paths)('%s is whole, accessible and quiet', async (path) => {
    errors.length = 0
    await page.goto(`${eyrie.url}${path}`)
    await settled()
    expect(await page.locator('html').getAttribute('lang')).toMatch(new RegExp(`^${look.locale}`))
    const folder = process.env.EYRIE_SHOTS
    if (folder !== undefined) {
      const name = path.replaceAll(/[^a-z0-9]+/g, '-').slice(1)
      const file = `${folder}/${name}-${look.locale}-${look.theme}-${look.width}.png`
      await page.screenshot({ path: file })
    }
    const text = await page.locator('body').innerText()
    expect(text).not.toMatch(/undefined|NaN|\[object/)
    const overflow = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
    // Charts take a new width from what they lie in a moment later, no more than that.
    await expect
      .poll(overflow, { timeout: 5_000, message: 'no sideways scrolling' })
      .toBeLessThan(1)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`),
    ).toEqual([])
    expect(errors).toEqual([])
  })

  test('a group’s lag chart draws points', async () => {
    const { items } = await api<{ items: { id: string }[] }>('/clusters/embedded/groups')
    await page.goto(`${eyrie.url}/clusters/embedded/groups/${items[0]?.id}`)
    await settled()
    const line = page.locator('.recharts-line-curve, .recharts-area-area').first()
    const length = async () => (await line.getAttribute('d'))?.length
    await expect.poll(length, SLOW).toBeGreaterThan(10)
  })

  test('messages are read, newest first, without a group', async () => {
    await page.goto(`${eyrie.url}/clusters/embedded/topics/orders?tab=messages`)
    await settled()
    await expect.poll(() => page.locator('main').innerText(), SLOW).toMatch(/orderId|order_id|"/)
  })

  test('a config is changed after its diff was shown, and set back', async () => {
    errors.length = 0
    const name = 'retention.ms'
    const value = look.locale === 'en' ? '3600000' : '7200000'
    await page.goto(`${eyrie.url}/clusters/embedded/topics/orders?tab=config&config=${name}`)
    await settled()
    await page.getByLabel(t('config.edit', { name }), { exact: true }).first().click(SLOW)
    await page.getByLabel(t('config.newValue', { name }), { exact: true }).first().fill(value)
    await button(t('config.review')).click()
    const sheet = page.getByRole('dialog')
    await expect.poll(() => sheet.innerText(), SLOW).toContain(value)
    await sheet
      .getByRole('button', { name: t('config.apply', { count: 1 }), exact: true })
      .click(SLOW)
    await expect.poll(() => sheet.innerText(), SLOW).toContain(t('config.applied'))
    const configs = await api<{ items: { name: string; value: string; source: string }[] }>(
      '/clusters/embedded/topics/orders/configs',
    )
    expect(configs.items.find((c) => c.name === name)).toMatchObject({ value, source: 'topic' })
    await api('/clusters/embedded/topics/orders/configs', {
      method: 'PATCH',
      body: JSON.stringify({ delete: [name] }),
    })
    expect(errors).toEqual([])
  })

  test('a broker is killed, the cluster heals, leaders are elected back', async () => {
    errors.length = 0
    const broker = look.locale === 'en' ? 2 : 3
    const act = async (action: 'kill' | 'start'): Promise<void> => {
      await page.goto(`${eyrie.url}/clusters/embedded/brokers?sheet=broker:${action}:${broker}`)
      const sheet = page.getByRole('dialog')
      const go = sheet.getByRole('button', {
        name: t(`brokerAction.do.${action}`, { broker }),
        exact: true,
      })
      const typing = sheet.locator('input[type=text], input:not([type])')
      // What it is grave for is told only with the preview, and asked for then.
      await until(`${action} may be pressed`, async () => {
        if ((await typing.count()) > 0) await typing.first().fill(`broker ${broker}`)
        return go.isEnabled()
      })
      await go.click()
      await sheet.getByRole('button', { name: t('common.done'), exact: true }).waitFor(SLOW)
    }
    type Brokers = { items: { id: number; isOnline: boolean; replicasOutOfSync: number }[] }
    const isOnline = async (): Promise<boolean | undefined> => {
      const { items } = await api<Brokers>('/clusters/embedded/brokers')
      return items.find((one) => one.id === broker)?.isOnline
    }
    await act('kill')
    await until('the console sees it offline', async () => (await isOnline()) === false)
    await page.goto(`${eyrie.url}/clusters/embedded`)
    await settled()
    await act('start')
    const isWhole = async (): Promise<boolean> => {
      const { items } = await api<Brokers>('/clusters/embedded/brokers')
      return items.every((one) => one.isOnline && one.replicasOutOfSync === 0)
    }
    await until('it is back and in sync', isWhole)

    const sheet = page.getByRole('dialog')
    const elect = sheet.locator('button').last()
    const nothing = sheet.getByText(t('election.nothing'), { exact: true })
    await until('leaders are elected back by hand', async () => {
      await page.goto(`${eyrie.url}/clusters/embedded?sheet=elect`)
      await expect
        .poll(async () => (await elect.isEnabled()) || (await nothing.count()) > 0, SLOW)
        .toBe(true)
      if (await elect.isEnabled()) return true
      // The controller did it, as it does every five minutes: until it does again, a broker goes and comes.
      await act('kill')
      await act('start')
      await until('it is back and in sync again', isWhole)
      return false
    })
    await elect.click()
    await sheet.getByRole('button', { name: t('common.done'), exact: true }).waitFor(SLOW)
    const leftToDo = async () => {
      const preview = await api<{ items: { outcome: string }[] }>('/clusters/embedded/elections', {
        method: 'POST',
        body: JSON.stringify({ type: 'preferred', partitions: null, dryRun: true }),
      })
      return preview.items.filter((one) => one.outcome === 'will-move')
    }
    await expect.poll(leftToDo).toEqual([])
    expect(errors.filter((error) => !/Failed to load resource/.test(error))).toEqual([])
  })
})
