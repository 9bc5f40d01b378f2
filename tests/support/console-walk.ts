// A person in Chromium on the real console, signed in as its first administrator, in one language, theme and width.
// EYRIE_E2E_URL walks a console that runs already (with this account and token); EYRIE_SHOTS keeps pictures there.
import AxeBuilder from '@axe-core/playwright'
import { createTranslator } from 'next-intl'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import en from '../../messages/en.json' with { type: 'json' }
import zh from '../../messages/zh.json' with { type: 'json' }
import { until } from './eyrie-cluster.ts'
import { type EyrieConsole, launchBrowser, startConsole } from './eyrie-console.ts'

export const SLOW = { timeout: 120_000 }
export const account = { email: 'ada@example.com', password: 'a long enough password' }
const token = 'end-to-end-token-of-thirty-two-characters-or-more'

export interface Look {
  locale: 'en' | 'zh'
  theme: 'light' | 'dark'
  width: number
}
const main: Record<Look['locale'], Look> = {
  en: { locale: 'en', theme: 'light', width: 1440 },
  zh: { locale: 'zh', theme: 'dark', width: 390 },
}
const others: Look[] = [
  { locale: 'en', theme: 'dark', width: 390 },
  { locale: 'zh', theme: 'light', width: 1440 },
]

/** `.ci/run` walks in one of the two main looks; with EYRIE_LOOKS=others in the rest. */
export function looksFrom(first: Look['locale']): Look[] {
  if (process.env.EYRIE_LOOKS !== 'others') return [main[first]]
  return [main[first === 'en' ? 'zh' : 'en'], ...others]
}

export type Api = <T>(path: string, init?: { method?: string; body?: unknown }) => Promise<T>

interface Walkers {
  eyrie: EyrieConsole
  /** As an administrator's script: by the token. */
  api: Api
  /** Somebody signs in; `who` is the administrator unless told. */
  walk(look: Look, who?: { email: string; password: string }): Promise<Walk>
  close(): Promise<void>
}

const given = process.env.EYRIE_E2E_URL

async function startWalkers(env: Record<string, string> = {}): Promise<Walkers> {
  const running: EyrieConsole | null =
    given === undefined
      ? null
      : {
          url: given,
          pid: 0,
          dataDirectory: '',
          setupLink: '',
          output: () => '',
          stop: async () => undefined,
        }
  const eyrie =
    running ??
    (await startConsole({
      EYRIE_ADMIN_EMAIL: account.email,
      EYRIE_ADMIN_PASSWORD: account.password,
      EYRIE_API_TOKEN: token,
      EYRIE_SAMPLE: '1',
      ...env,
    }))
  const browser = await launchBrowser()
  const api: Api = async (path, { method, body } = {}) => {
    const response = await fetch(`${eyrie.url}/api/v1${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(response.status, `${path}: ${await response.clone().text()}`).toBeLessThan(400)
    return response.json()
  }
  // The lists are of the collector's first reading, which may be older than the sample's topics.
  await until('the sample topics are listed', async () => {
    const { items } = await api<{ items: { name: string }[] }>('/clusters/embedded/topics')
    return items.some(({ name }) => name === 'orders')
  })
  return {
    eyrie,
    api,
    walk: (look, who = account) => startWalk(browser, eyrie.url, look, who),
    close: async () => {
      await browser.close()
      await eyrie.stop()
    },
  }
}

/** The walkers of a file: started before its tests, gone after them, not there in between. */
export function walkersOfFile(env: Record<string, string> = {}): Omit<Walkers, 'close'> {
  let running: Walkers | undefined
  const there = (): Walkers => {
    if (running === undefined) throw new Error('the walkers are there in hooks and tests alone')
    return running
  }
  beforeAll(async () => {
    running = await startWalkers(env)
  })
  afterAll(() => running?.close())
  return {
    get eyrie() {
      return there().eyrie
    },
    api: (path, init) => there().api(path, init),
    walk: (look, who) => there().walk(look, who),
  }
}

type Scope = Page | Locator

export interface Walk {
  page: Page
  context: BrowserContext
  /** Of the catalogue: what the page must say. */
  t: ReturnType<typeof createTranslator<typeof en>>
  errors: string[]
  go(path: string): Promise<void>
  /** Nothing is being loaded any more. */
  settled(): Promise<void>
  sheet: Locator
  button(name: string, within?: Scope): Locator
  /** Chooses in a select by the names of both. */
  choose(label: string, option: string, within?: Scope): Promise<void>
  /** No errors, nothing out of place, nothing that axe finds. */
  inspect(name: string): Promise<void>
}

/** Charts take a new width from what they lie in a moment later, no more than that. */
const RESIZED_MS = 5_000

async function isNotTooWide(page: Page, name: string): Promise<void> {
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  await expect
    .poll(overflow, { timeout: RESIZED_MS, message: `${name}: no sideways scrolling` })
    .toBeLessThan(1)
}

/** Signs in to the console at `url` by `who`, in a context of its own. */
export async function startWalk(
  browser: Browser,
  url: string,
  look: Look,
  who: { email: string; password: string },
): Promise<Walk> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.theme,
    // Colours on their way from one to the other are nothing to judge.
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  context.setDefaultTimeout(SLOW.timeout)
  const place = { domain: '127.0.0.1', path: '/' }
  await context.addCookies([
    { name: 'eyrie-locale', value: look.locale, ...place },
    { name: 'eyrie-theme', value: look.theme, ...place },
  ])
  const signedIn = await context.request.post(`${url}/api/v1/sign-in`, {
    headers: { origin: url },
    data: who,
  })
  expect(signedIn.status(), await signedIn.text()).toBe(200)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`))
  const button = (name: string, within: Scope = page): Locator =>
    within.getByRole('button', { name, exact: true })
  const settled = async (): Promise<void> => {
    await page.locator('h1').first().waitFor(SLOW)
    await expect
      .poll(() => page.locator('.animate-breathe').count(), { ...SLOW, message: page.url() })
      .toBe(0)
  }
  return {
    page,
    context,
    // Both catalogues have the same keys: i18n/catalogue.test.ts.
    t: createTranslator({
      locale: look.locale,
      messages: look.locale === 'en' ? en : (zh as typeof en),
    }),
    errors,
    go: async (path) => {
      await page.goto(`${url}${path}`)
      await settled()
    },
    settled,
    sheet: page.getByRole('dialog'),
    button,
    choose: async (label, option, within = page) => {
      await within.getByRole('combobox', { name: label, exact: true }).click()
      await page.getByRole('option', { name: option, exact: true }).click()
    },
    inspect: async (name) => {
      await page.evaluate(() => document.fonts.ready.then(() => undefined))
      const folder = process.env.EYRIE_SHOTS
      if (folder !== undefined) {
        const file = `${name}-${look.locale}-${look.theme}-${look.width}.png`
        await page.screenshot({ path: `${folder}/${file}` })
      }
      expect(await page.locator('body').innerText()).not.toMatch(/undefined|NaN|\[object/)
      await isNotTooWide(page, name)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(
        violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`),
        name,
      ).toEqual([])
      expect(errors, name).toEqual([])
    },
  }
}
