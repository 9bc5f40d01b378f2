// Brokers in the browser: what will happen is said first, then a broker is stopped, paused, killed, and started again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Look, looksFrom, SLOW, type Walk, walkersOfFile } from '../support/console-walk.ts'
import { until } from '../support/eyrie-cluster.ts'

const CLUSTER = '/clusters/embedded'
const walkers = walkersOfFile()

interface Broker {
  id: number
  isOnline: boolean
  leaders: number
  replicasOutOfSync: number
  process: { state: string; pid: number | null } | null
}
const brokers = async () => (await walkers.api<{ items: Broker[] }>(`${CLUSTER}/brokers`)).items
const brokerOf = async (id: number) => (await brokers()).find((one) => one.id === id)
const isWhole = async () =>
  (await brokers()).every((one) => one.isOnline && one.replicasOutOfSync === 0)

interface Preview {
  impact: { effect: string; leaderBefore: number | null; leaderAfter: number | null }[]
}

describe.each(looksFrom('en'))('$locale, $theme, $width px', (look: Look) => {
  const broker = look.locale === 'en' ? 3 : 2
  let walk: Walk

  beforeAll(async () => {
    walk = await walkers.walk(look)
  })
  afterAll(() => walk?.context.close())

  /** By the menu of the broker's row where there is a table, else by its address. */
  async function openSheet(action: 'stop' | 'kill' | 'pause' | 'start'): Promise<void> {
    const { t, page } = walk
    await walk.go(`${CLUSTER}/brokers`)
    await page.getByLabel(t('brokers.actionsOf', { id: broker }), { exact: true }).click()
    await page.getByRole('menuitem', { name: t(`brokers.action.${action}`), exact: true }).click()
    await expect.poll(() => page.url()).toContain(`sheet=broker:${action}:${broker}`)
    await walk.sheet.waitFor()
  }

  async function doIt(action: 'stop' | 'kill' | 'pause' | 'start'): Promise<void> {
    const { t, sheet, button } = walk
    const go = button(t(`brokerAction.do.${action}`, { broker }), sheet)
    await expect.poll(() => go.count(), SLOW).toBe(1)
    const typing = sheet.locator('input')
    if ((await typing.count()) > 0) await typing.first().fill(`broker ${broker}`)
    await expect.poll(() => go.isEnabled(), SLOW).toBe(true)
    await go.click()
    await button(t('common.done'), sheet).waitFor(SLOW)
  }

  /** Counts that the sheet names must be those that the API foresees. */
  async function saysWhatHappens(action: 'stop' | 'kill' | 'pause' | 'start'): Promise<void> {
    const { t, sheet } = walk
    const { impact } = await walkers.api<Preview>(`${CLUSTER}/brokers/${broker}/${action}`, {
      body: { dryRun: true },
    })
    expect(impact.length).toBeGreaterThan(0)
    const moves = impact.filter((one) => one.effect === 'leader-moves')
    expect(moves.every((one) => one.leaderBefore === broker && one.leaderAfter !== broker)).toBe(
      true,
    )
    for (const effect of ['leader-moves', 'isr-shrinks', 'recovers'] as const) {
      const count = impact.filter((one) => one.effect === effect).length
      if (count > 0) {
        await sheet.getByText(t(`brokerAction.effect.${effect}`, { count })).waitFor(SLOW)
      }
    }
    await expect.poll(() => sheet.locator('tbody tr').count()).toBe(impact.length)
    expect((await brokerOf(broker))?.process?.state, 'a preview does nothing').toBe(
      action === 'start' ? 'stopped' : 'running',
    )
  }

  async function startAgain(): Promise<void> {
    await openSheet('start')
    await doIt('start')
    await until('it is back and all are in sync', isWhole)
  }

  test('a broker is stopped in order, with what moves said first, and started', async () => {
    await until('the cluster is whole', isWhole)
    // Leaders sit where they belong, so that there is something to move.
    await walkers.api(`${CLUSTER}/elections`, { body: { type: 'preferred' } })
    await until('it leads', async () => ((await brokerOf(broker))?.leaders ?? 0) > 0)
    await openSheet('stop')
    await saysWhatHappens('stop')
    await walk.inspect('broker-stop')
    await doIt('stop')
    await until('it is gone', async () => (await brokerOf(broker))?.isOnline === false)
    expect((await brokerOf(broker))?.process).toMatchObject({ state: 'stopped', pid: null })
    await walk.go(`${CLUSTER}/brokers`)
    await walk.inspect('brokers-one-down')
    await openSheet('start')
    await saysWhatHappens('start')
    await doIt('start')
    await until('it is back and all are in sync', isWhole)
  })

  test('a paused broker falls to its session, and goes on when resumed', async () => {
    await openSheet('pause')
    await saysWhatHappens('pause')
    const pid = (await brokerOf(broker))?.process?.pid
    await doIt('pause')
    expect((await brokerOf(broker))?.process).toMatchObject({ state: 'paused', pid })
    await until('its session ends', async () => (await brokerOf(broker))?.isOnline === false)
    await walk.go(`${CLUSTER}`)
    await walk.inspect('overview-one-paused')
    await startAgain()
    expect((await brokerOf(broker))?.process).toMatchObject({ state: 'running', pid })
  })

  test('a killed broker is noticed and comes back with a new process', async () => {
    const pid = (await brokerOf(broker))?.process?.pid
    await openSheet('kill')
    await saysWhatHappens('kill')
    await doIt('kill')
    await until('the console sees it', async () => (await brokerOf(broker))?.isOnline === false)
    await startAgain()
    expect((await brokerOf(broker))?.process?.pid).not.toBe(pid)
  })

  test('leaders are elected back for one partition, a topic, a broker, and all', async () => {
    const { t, sheet, button } = walk
    interface Election {
      items: { topic: string; partition: number; preferred: number; outcome: string }[]
    }
    const waiting = async () => {
      const body = { type: 'preferred', dryRun: true }
      const { items } = await walkers.api<Election>(`${CLUSTER}/elections`, { body })
      return items.filter((one) => one.outcome === 'will-move')
    }
    await until(
      'leaders are off their preferred replicas',
      async () => (await waiting()).length > 2,
    )
    const elect = async (scope: string, isIn: (one: Election['items'][number]) => boolean) => {
      const before = await waiting()
      const count = before.filter(isIn).length
      await walk.go(`${CLUSTER}?sheet=${encodeURIComponent(scope)}`)
      if (count === 0) {
        await sheet.getByText(t('election.nothing')).waitFor(SLOW)
        return
      }
      await sheet.getByText(t('election.preview', { count, cannot: 0 })).waitFor(SLOW)
      expect(await waiting(), 'a preview moves nothing').toEqual(before)
      await button(t('election.do', { count }), sheet).click()
      await sheet.getByText(t('election.done', { moved: count, failed: 0 })).waitFor(SLOW)
      const after = await waiting()
      expect(after).toEqual(before.filter((one) => !isIn(one)))
    }
    const [first] = await waiting()
    const { topic, partition } = first!
    await elect(
      `elect:partition:${partition}:${topic}`,
      (one) => one.topic === topic && one.partition === partition,
    )
    await walk.inspect('elected-partition')
    const next = (await waiting())[0]?.topic ?? topic
    await elect(`elect:topic:${next}`, (one) => one.topic === next)
    await elect(`elect:broker:${broker}`, (one) => one.preferred === broker)
    await elect('elect', () => true)
    await expect.poll(() => waiting()).toEqual([])
    const noise = /Failed to load resource/
    expect(walk.errors.filter((error) => !noise.test(error))).toEqual([])
  })
})
