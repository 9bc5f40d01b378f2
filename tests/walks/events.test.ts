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
  partitionDetails: { leader: number | null; isr: number[]; highWatermark: number | null }[]
  sizeBytes: number | null
  messagesInRate: number | null
}

interface Broker {
  id: number
  isOnline: boolean
  produceP99Ms: number | null
}
interface Group {
  id: string
  totalLag: number | null
  flow: { producerRate: number | null }
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

  test('figures of that time are on the pages of a topic, a group and a broker', async () => {
    const { page, t } = walk
    const isKnown = ({ partitionDetails, messagesInRate }: Topic) =>
      messagesInRate !== null && partitionDetails.every((one) => one.highWatermark !== null)
    const readAt = async (atMs: number) => {
      const { items } = await walkers.api<{ items: Group[] }>(`${CLUSTER}/groups?at=${atMs}`)
      return items.find(({ totalLag, flow }) => totalLag !== null && flow.producerRate !== null)
    }
    // Until the partitions have their new leaders nobody tells where they end, and rates begin anew.
    let at = movedMs
    let group = await readAt(at)
    while (at < Date.now() - 10_000 && !(group && isKnown(await topic(at)))) {
      at += 2_000
      group = await readAt(at)
    }
    const fact = (label: string) =>
      page.locator('dl > div').filter({ has: page.locator('dt').getByText(label, { exact: true }) })
    /** As text with the exact figure; what is not known would be a dash. */
    const figure = async (label: string) => {
      await fact(label).first().waitFor(SLOW)
      return (await fact(label).first().locator('dd').innerText()).trim()
    }
    const past = await topic(at)
    const ends = past.partitionDetails.map((one) => one.highWatermark ?? -1)
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(0)
    expect(past.sizeBytes).toBeGreaterThan(0)
    expect(past.messagesInRate).toBeGreaterThan(0)
    // More has been written since: what is shown is not the present.
    const now = (await topic()).partitionDetails.map((one) => one.highWatermark ?? 0)
    const sum = (all: number[]) => all.reduce((a, b) => a + b, 0)
    expect(sum(now)).toBeGreaterThan(sum(ends))
    await walk.go(`${CLUSTER}/topics/orders?at=${at}`)
    for (const label of ['offsetSpan', 'sizeAll', 'messagesIn', 'bytesInOut'] as const) {
      expect(await figure(t(`topic.${label}`))).toMatch(/^\d/)
    }
    const shown = new Intl.NumberFormat(look.locale).format(ends[0] ?? -1)
    const table = page.getByLabel(t('topic.partitions'), { exact: true })
    await table.getByText(shown, { exact: true }).first().waitFor(SLOW)
    await page.getByTitle(t('missing.not-kept')).first().waitFor(SLOW)
    expect(await page.getByTitle(t('missing.no-sample-then')).count()).toBe(0)
    await walk.inspect('topic-figures-as-they-were')
    expect(group).toBeDefined()
    await walk.go(`${CLUSTER}/groups/${group?.id}?at=${at}`)
    for (const label of [t('group.lag'), t('lag.flowLabel')]) {
      expect(await figure(label)).toMatch(/^\d/)
    }
    expect(await figure(t('lag.column'))).toMatch(/\d/)
    // Charts go on to the present: a line says where in them the page is.
    await page
      .locator('path.chart-marks[stroke="var(--accent)"]')
      .first()
      .waitFor({ ...SLOW, state: 'attached' })
    await walk.inspect('group-figures-as-they-were')
    const brokers = await walkers.api<{ items: Broker[] }>(`${CLUSTER}/brokers?at=${at}`)
    // One that was started a moment ago has not been written to.
    const broker = brokers.items.find((one) => one.isOnline && one.produceP99Ms !== null)
    expect(broker).toBeDefined()
    await walk.go(`${CLUSTER}/brokers/${broker?.id}?at=${at}`)
    for (const label of ['sizeBytes', 'bytesInOut', 'produceP99Ms', 'memoryUsedBytes'] as const) {
      expect(await figure(t(`brokers.${label}`))).toMatch(/^\d/)
    }
    await walk.inspect('broker-figures-as-they-were')
    // Of who was down the reason is told, also of the moment in which it went.
    for (const atMs of [killed.at, movedMs]) {
      await walk.go(`${CLUSTER}/brokers/${victim}?at=${atMs}`)
      await fact(t('brokers.produceP99Ms')).getByTitle(t('missing.offline')).waitFor(SLOW)
    }
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
