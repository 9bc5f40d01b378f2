// Events in the browser: a broker is killed and a config changed; both are on the timeline with who did it, and the
// pages show the cluster as it was before.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  account,
  type Look,
  looksFrom,
  SLOW,
  type Walk,
  walkersOfFile,
} from '../support/console-walk.ts'
import { until } from '../support/eyrie-cluster.ts'

const CLUSTER = '/clusters/embedded'
const walkers = walkersOfFile()

interface Event {
  id: number
  at: number
  type: string
  subject: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  actor: string | null
  action: string | null
}
interface Topic {
  partitionDetails: { leader: number | null; isr: number[] }[]
}

const events = async (query: string) =>
  (await walkers.api<{ items: Event[] }>(`${CLUSTER}/events?${query}`)).items
const topic = (at?: number) =>
  walkers.api<Topic>(`${CLUSTER}/topics/orders${at === undefined ? '' : `?at=${at}`}`)
const isWhole = async () => {
  const path = `${CLUSTER}/brokers`
  type Brokers = { items: { isOnline: boolean; replicasOutOfSync: number }[] }
  const { items } = await walkers.api<Brokers>(path)
  return items.every((one) => one.isOnline && one.replicasOutOfSync === 0)
}

describe.each(looksFrom('en'))('$locale, $theme, $width px', (look: Look) => {
  let walk: Walk
  let victim = 0
  let killed: Event
  /** Whoever is fenced may be seen to be gone a cycle before its leaders are seen to have moved. */
  let movedMs = 0

  beforeAll(async () => {
    walk = await walkers.walk(look)
  })
  afterAll(() => walk?.context.close())

  /** As the person at the browser. */
  async function act(method: string, path: string, body: object): Promise<void> {
    const status = await walk.page.evaluate(
      async ([url, init]) => (await fetch(url, init)).status,
      [
        `/api/v1${CLUSTER}${path}`,
        { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      ] as const,
    )
    expect(status).toBeLessThan(400)
  }

  test('a killed broker: its state, leaders and ISR with before, after and who did it', async () => {
    const { page, t } = walk
    await walk.go(`${CLUSTER}/events`)
    await until('all replicas are in sync', isWhole)
    victim = (await topic()).partitionDetails[0]?.leader ?? 0
    const since = Date.now()
    await act('POST', `/brokers/${victim}/kill`, { dryRun: false })
    const of = (type: string, subject: string) => async () => {
      const found = await events(`types=${type}&from=${since}`)
      return found.some((one) => one.subject === subject && one.actor === account.email)
    }
    await until('the broker is seen to be gone', of('broker', String(victim)))
    await until('its leaders have moved', of('leader', 'orders'))
    await until('the ISR is smaller', of('isr', 'orders'))
    killed = (await events(`types=broker&from=${since}`)).at(-1) as Event
    expect(killed).toMatchObject({ before: { state: 'online' }, after: { state: 'offline' } })
    expect(killed.action).toBe('killBroker')
    const effects = await events(`types=broker,leader,isr&from=${since}`)
    movedMs = Math.max(...effects.map((one) => one.at))
    await walk.go(`${CLUSTER}/events`)
    const row = page
      .getByRole('listitem')
      .filter({ hasText: t('events.broker', { id: String(victim) }) })
      .filter({ hasText: t('events.says.brokerOffline') })
    await row.first().waitFor(SLOW)
    await row.getByText(account.email).first().waitFor(SLOW)
    await row.getByText(t('activity.action.killBroker')).first().waitFor(SLOW)
    await page.getByRole('link', { name: 'orders', exact: true }).first().waitFor(SLOW)
    await walk.inspect('events')
  })

  test('kinds and people filter the timeline, in the address', async () => {
    const { page, t } = walk
    await walk.go(`${CLUSTER}/events`)
    await page.getByRole('button', { name: t('events.allKinds'), exact: true }).click()
    const kind = t('events.kind.isr')
    await page.getByRole('menuitemcheckbox', { name: kind, exact: true }).click()
    await page.keyboard.press('Escape')
    await page.waitForURL(/types=isr/)
    const said = page.getByText(t('events.says.brokerOffline'), { exact: true })
    await expect.poll(() => said.count(), SLOW).toBe(0)
    await page.getByTitle(t('events.onlyActor')).first().click()
    await page.waitForURL(/actor=ada/)
    await page.getByRole('link', { name: 'orders', exact: true }).first().waitFor(SLOW)
  })

  test('a changed config shows its value before and after and who changed it', async () => {
    const { page } = walk
    const value = look.locale === 'en' ? '86400001' : '86400002'
    await act('PATCH', '/topics/orders/configs', { set: { 'retention.ms': value }, delete: [] })
    await until('the change is seen', async () =>
      (await events('types=config')).some(
        (one) => one.after?.['retention.ms'] === value && one.actor === account.email,
      ),
    )
    await walk.go(`${CLUSTER}/events?types=config`)
    const row = page.getByRole('listitem').filter({ hasText: value })
    await row.first().waitFor(SLOW)
    await expect.poll(() => row.first().innerText()).toContain('retention.ms')
    await expect.poll(() => row.first().innerText()).toContain(account.email)
  })

  test('a minute before, the topic has its old leaders, and nothing can be done to it', async () => {
    const { page, t } = walk
    const before = await topic(killed.at - 1)
    expect(before.partitionDetails[0]?.leader).toBe(victim)
    expect(before.partitionDetails.every((one) => one.isr.length === 3)).toBe(true)
    expect((await topic()).partitionDetails[0]?.leader).not.toBe(victim)
    await walk.go(`${CLUSTER}/topics/orders?at=${killed.at - 1}`)
    const bar = page.getByRole('region', { name: t('asItWas.label') })
    await bar.waitFor(SLOW)
    await walk.settled()
    const leader = page.getByRole('link', { name: t('topic.broker', { id: victim }), exact: true })
    await expect.poll(() => leader.count(), SLOW).toBeGreaterThan(0)
    expect(await walk.button(t('topic.electEllipsis')).count()).toBe(0)
    expect(await walk.button(t('common.more')).count()).toBe(0)
    await walk.inspect('topic-as-it-was')
    const slider = bar.getByRole('slider')
    // It goes up to the last full minute: the one in which the broker was killed has to end.
    const lastMinute = async () => Number(await slider.getAttribute('max'))
    await expect.poll(lastMinute, { timeout: 180_000 }).toBeGreaterThan(movedMs)
    await slider.focus()
    await until('the slider is past it', async () => {
      await page.keyboard.press('ArrowRight')
      return Number(new URL(page.url()).searchParams.get('at')) > movedMs
    })
    await expect.poll(() => leader.count(), SLOW).toBe(0)
    await walk.button(t('asItWas.back'), bar).click()
    await page.waitForURL((url) => !url.searchParams.has('at'))
    await walk.button(t('topic.electEllipsis')).waitFor(SLOW)
  })

  test('brokers, groups and topics of that time, from page to page', async () => {
    const { page, t } = walk
    await walk.go(`${CLUSTER}/brokers?at=${killed.at - 1}`)
    await page.getByText(t('brokers.verdict', { online: 3, total: 3, outOfSync: 0 })).waitFor(SLOW)
    await walk.go(`${CLUSTER}/brokers?at=${killed.at}`)
    const whole = page.getByText(t('brokers.verdict', { online: 3, total: 3, outOfSync: 0 }))
    await expect.poll(() => whole.count(), SLOW).toBe(0)
    // A minute earlier, or where the history begins.
    await walk.button(t('asItWas.earlier')).click()
    await page.waitForURL((url) => Number(url.searchParams.get('at')) < killed.at)
    await page
      .getByRole('link', { name: t('topic.broker', { id: victim }) })
      .first()
      .waitFor(SLOW)
    await walk.go(`${CLUSTER}/brokers?at=${killed.at}`)
    await expect.poll(() => whole.count(), SLOW).toBe(0)
    await walk.inspect('brokers-as-they-were')
    await walk.go(`${CLUSTER}/topics?at=${killed.at - 1}`)
    await page.getByRole('link', { name: 'orders', exact: true }).first().click()
    await page.waitForURL(/at=/)
    await walk.go(`${CLUSTER}/groups?at=${killed.at - 1}`)
    await page.getByRole('region', { name: t('asItWas.label') }).waitFor(SLOW)
    await walk.inspect('groups-as-they-were')
  })

  test('charts carry the marks of what happened', async () => {
    const { page } = walk
    // What happened may be a quarter of an hour ago by now.
    await walk.go(`${CLUSTER}/brokers?range=1h`)
    await page
      .locator('path.chart-marks')
      .first()
      .waitFor({ ...SLOW, state: 'attached' })
    await act('POST', `/brokers/${victim}/start`, { dryRun: false })
    await until('the broker is back', isWhole)
  })
})
