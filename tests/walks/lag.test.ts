// Lag in the browser: a real group that reads too slowly, then not at all; its seconds, verdicts and the heat map.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, Kafka, Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Look, looksFrom, SLOW, type Walk, walkersOfFile } from '../support/console-walk.ts'
import { createTopics } from '../support/create-topics.ts'
import { until } from '../support/eyrie-cluster.ts'
import { patientKafka } from '../support/patient-kafka.ts'

// Of its own on a console that lives longer than this run.
const TOPIC = `lagged-${Date.now().toString(36)}`
const CLUSTER = '/clusters/embedded'
/** Ten commits seen, five to ten seconds apart, and as long again without one; a busy machine looks less often. */
const VERDICT_MS = 400_000
/** Of each partition, records a second: three times what is read. */
const WRITTEN_RATE = 12
const READ_EVERY_MS = 250
const walkers = walkersOfFile()
let kafka: Kafka
let producer: Producer
let isWriting = true
let writing: Promise<void>

interface Judged {
  verdict: string | null
  worst: { verdict: string; reason: string; lag: number } | null
  lagTime: { estimateMs: number | null; atLeastMs: number; atMostMs: number | null } | null
  flow: { producerRate: number | null; consumerRate: number | null }
  forecast: { kind: string }
}

beforeAll(async () => {
  const { bootstrapServers } = await walkers.api<{ bootstrapServers: string[] }>(CLUSTER)
  kafka = patientKafka(bootstrapServers)
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, [{ topic: TOPIC, numPartitions: 2 }])
  await admin.disconnect()
  producer = kafka.producer()
  await producer.connect()
  writing = write()
})
afterAll(async () => {
  isWriting = false
  await writing
  await producer?.disconnect()
})

/** By the clock: where each send takes long, more goes with it. */
async function write(): Promise<void> {
  const startedMs = performance.now()
  for (let written = 0; isWriting; ) {
    const due = Math.floor(((performance.now() - startedMs) / 1_000) * WRITTEN_RATE)
    const values = Array.from({ length: due - written }, (_, i) => `v${written + i}`)
    const messages = values.flatMap((value) => [0, 1].map((partition) => ({ value, partition })))
    if (messages.length > 0) await producer.send({ topic: TOPIC, messages })
    written = due
    await sleep(250)
  }
}

/** Reads a third of what is written, and commits each second. */
async function readSlowly(groupId: string): Promise<Consumer> {
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true })
  await consumer.run({
    autoCommitInterval: 1_000,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 2,
    eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, heartbeat, isRunning }) => {
      for (const message of batch.messages) {
        if (!isRunning()) return
        await sleep(READ_EVERY_MS)
        resolveOffset(message.offset)
        await commitOffsetsIfNecessary()
        await heartbeat()
      }
    },
  })
  return consumer
}

const judged = (group: string) => walkers.api<Judged>(`${CLUSTER}/groups/${group}`)

describe.each(looksFrom('en'))('$locale, $theme, $width px', (look: Look) => {
  const group = `slow-${TOPIC}-${look.locale}-${look.width}`
  let walk: Walk
  let consumer: Consumer | null = null
  beforeAll(async () => {
    consumer = await readSlowly(group)
    walk = await walkers.walk(look)
  })
  afterAll(async () => {
    await consumer?.disconnect()
    await walk?.context.close()
  })
  const isJudged = (verdict: string, cause: string) => async () => {
    const { verdict: found, worst } = await judged(group).catch(() => ({}) as Judged)
    return found === verdict && worst?.verdict === cause
  }

  const slow = { timeout: 3 * VERDICT_MS }
  test(
    'a group that reads too slowly is in WARN, with seconds, rates and no end in sight',
    slow,
    async () => {
      const { t, page } = walk
      // A cluster that somebody looks at is read twice as often.
      await walk.go(`${CLUSTER}/groups?search=${group}`)
      await until('ten commits were seen', isJudged('WARN', 'WARN'), VERDICT_MS)
      // Rates are watched for longer than ten commits may take; what was written before the first reading has no bound.
      await until(
        'enough was seen to foretell',
        async () => {
          const { lagTime, flow, forecast } = await judged(group)
          if (forecast.kind === 'unknown' || flow.consumerRate === null) return false
          if (lagTime === null || lagTime.atMostMs === null) return false
          expect(lagTime.estimateMs).toBeGreaterThanOrEqual(lagTime.atLeastMs ?? 0)
          expect(lagTime.estimateMs).toBeLessThanOrEqual(lagTime.atMostMs)
          const isFarBehind = (lagTime.estimateMs ?? 0) > 5_000
          const isTooSlow = (flow.producerRate ?? 0) > 2 * flow.consumerRate
          return isFarBehind && isTooSlow && forecast.kind === 'never'
        },
        VERDICT_MS,
      )
      await walk.go(`${CLUSTER}/groups?search=${group}&verdict=WARN&sort=-lagTime`)
      const main = page.getByRole('main')
      await main.getByText(t('lag.code.WARN'), { exact: true }).first().waitFor()
      await main.getByText('≈').first().waitFor()
      await walk.inspect('groups-warn')
      await walk.go(`${CLUSTER}/groups/${group}?measure=seconds`)
      await main.getByText(t('lag.forecast.never'), { exact: true }).waitFor()
      await page.locator('.recharts-line-curve').first().waitFor({ state: 'attached' })
      await walk.inspect('group-warn')
      await walk.go(`${CLUSTER}/groups/${group}?tab=partitions`)
      await main.getByText(t('lag.meaning.WARN'), { exact: true }).first().waitFor()
      await walk.inspect('group-warn-partitions')
      await walk.go(`${CLUSTER}/topics/${TOPIC}?tab=readers`)
      await main.getByText(t('lag.meaning.WARN'), { exact: true }).first().waitFor()
    },
  )

  test('the heat map has its cells, a name for each, and a way to the group at that time', async () => {
    const { t, page } = walk
    await walk.go(`${CLUSTER}/lag?range=15m&search=${group}`)
    const map = page.getByRole('grid', { name: t('lag.map'), exact: true })
    const strip = map.locator('.heat-strip').first()
    await strip.waitFor()
    const painted = () => strip.evaluate((one) => getComputedStyle(one).backgroundImage)
    // Between the gaps, which are transparent, are colours: browsers name them in their own space.
    await expect.poll(painted).toMatch(/^linear-gradient\(.*(oklch|oklab|lch|lab|color)\(/)
    await map.focus()
    await page.keyboard.press('End')
    const live = page.locator('p[aria-live]')
    await expect.poll(() => live.innerText(), SLOW).toContain(group)
    await expect.poll(() => map.getAttribute('aria-activedescendant')).toBe('heat-cell')
    await walk.inspect('lag-map')
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(`/groups/${group}\\?.*range=\\d+-\\d+`))
    await walk.go(`${CLUSTER}/lag?range=15m&view=table&measure=records`)
    await page.getByRole('main').getByText(group, { exact: true }).first().waitFor()
    await walk.inspect('lag-table')
    await walk.go(`${CLUSTER}/lag?search=no-such-group`)
    await page.getByText(t('lag.noMatch')).waitFor()
  })

  test(
    'its consumer gone it is in STOP: in the list, on its page and on the overview',
    slow,
    async () => {
      const { t, page } = walk
      await consumer?.disconnect()
      consumer = null
      await until('longer than ten commits without one', isJudged('ERR', 'STOP'), VERDICT_MS)
      const { worst } = await judged(group)
      expect(worst?.reason).toBe('no-commit')
      expect(worst?.lag).toBeGreaterThan(0)
      const main = page.getByRole('main')
      await walk.go(`${CLUSTER}/groups?verdict=STOP`)
      await main.getByText(group, { exact: true }).first().waitFor()
      await walk.go(`${CLUSTER}/groups/${group}`)
      await main.getByText(t('lag.meaning.STOP'), { exact: true }).first().waitFor()
      await walk.button(t('lag.basis')).click()
      await page.getByText(t('lag.basisText')).waitFor()
      await walk.inspect('group-stop')
      await walk.go(CLUSTER)
      await main.getByRole('link', { name: new RegExp(`^${group} STOP`) }).waitFor()
      await walk.inspect('overview-stop')
    },
  )
})
