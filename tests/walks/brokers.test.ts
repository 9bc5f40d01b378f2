// Brokers in the browser: what will happen is said first, then a broker is stopped, paused, killed, and started again.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** How often the controller has put leaders back by itself, as it does every five minutes. */
function balances(): number {
  const logOf = (id: number) =>
    join(walkers.eyrie.dataDirectory, 'cluster', String(id), 'server.log')
  const texts = [1, 2, 3]
    .map(logOf)
    .filter(existsSync)
    .map((file) => readFileSync(file, 'utf8'))
  return texts.join('').split('elects leaders').length
}

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

  /** It is not known while the supervisor does not answer in time. */
  async function processNow(): Promise<NonNullable<Broker['process']>> {
    const found = { process: null as Broker['process'] }
    await until('its process is known', async () => {
      found.process = (await brokerOf(broker))?.process ?? null
      return found.process !== null
    })
    return found.process as NonNullable<Broker['process']>
  }

  async function doIt(action: 'stop' | 'kill' | 'pause' | 'start'): Promise<void> {
    const { t, sheet, button } = walk
    const go = button(t(`brokerAction.do.${action}`, { broker }), sheet)
    const typing = sheet.locator('input')
    // What it is grave for is told only with the preview, and asked for then.
    await until(`${action} may be pressed`, async () => {
      if ((await typing.count()) > 0) await typing.first().fill(`broker ${broker}`)
      return go.isEnabled()
    })
    await go.click()
    await button(t('common.done'), sheet).waitFor(SLOW)
  }

  /** Counts that the sheet names must be those that the API foresees. */
  async function saysWhatHappens(action: 'stop' | 'kill' | 'pause' | 'start'): Promise<void> {
    const { t, page, sheet } = walk
    const path = `${CLUSTER}/brokers/${broker}/${action}`
    const foresee = async () =>
      (await walkers.api<Preview>(path, { body: { dryRun: true } })).impact
    await until('the sheet says what the API foresees', async () => {
      const impact = await foresee()
      expect(impact.length).toBeGreaterThan(0)
      const moves = impact.filter((one) => one.effect === 'leader-moves')
      expect(moves.every((one) => one.leaderBefore === broker && one.leaderAfter !== broker)).toBe(
        true,
      )
      await sheet.locator('tbody tr').first().waitFor()
      let isSaid = (await sheet.locator('tbody tr').count()) === impact.length
      for (const effect of ['leader-moves', 'isr-shrinks', 'recovers'] as const) {
        const count = impact.filter((one) => one.effect === effect).length
        const words = sheet.getByText(t(`brokerAction.effect.${effect}`, { count }))
        isSaid &&= count === 0 || (await words.count()) === 1
      }
      // The sheet asks once, when it opens: a broker may still have heard of leaders that moved.
      if (!isSaid) await page.reload()
      return isSaid
    })
    expect((await processNow()).state, 'a preview does nothing').toBe(
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
    expect(await processNow()).toMatchObject({ state: 'stopped', pid: null })
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
    const { pid } = await processNow()
    await doIt('pause')
    expect(await processNow()).toMatchObject({ state: 'paused', pid })
    await until('its session ends', async () => (await brokerOf(broker))?.isOnline === false)
    await walk.go(`${CLUSTER}`)
    await walk.inspect('overview-one-paused')
    await startAgain()
    expect(await processNow()).toMatchObject({ state: 'running', pid })
  })

  test('a killed broker is noticed and comes back with a new process', async () => {
    const { pid } = await processNow()
    await openSheet('kill')
    await saysWhatHappens('kill')
    await doIt('kill')
    await until('the console sees it', async () => (await brokerOf(broker))?.isOnline === false)
    await startAgain()
    expect((await processNow()).pid).not.toBe(pid)
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
    const haveLeadersOff = async () => {
      if ((await waiting()).length > 2) return
      for (const action of ['stop', 'start']) {
        await walkers.api(`${CLUSTER}/brokers/${broker}/${action}`, { body: { dryRun: false } })
      }
      await until('it is back and all are in sync', isWhole)
      expect((await waiting()).length, 'leaders off their preferred replicas').toBeGreaterThan(2)
    }
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
      await expect.poll(waiting).toEqual(before.filter((one) => !isIn(one)))
    }
    const electBack = async () => {
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
      await expect.poll(waiting).toEqual([])
    }
    await haveLeadersOff()
    const balanced = balances()
    await electBack().catch(async (error: unknown) => {
      // Another five minutes have begun: it does not happen twice.
      if (balances() === balanced) throw error
      await haveLeadersOff()
      await electBack()
    })
    const noise = /Failed to load resource/
    expect(walk.errors.filter((error) => !noise.test(error))).toEqual([])
  })
})
