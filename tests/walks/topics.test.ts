// Topics in the browser: made, written to, read back page by page and live, configured, purged, deleted; charts exported.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Look, looksFrom, SLOW, type Walk, walkersOfFile } from '../support/console-walk.ts'
import { until } from '../support/eyrie-cluster.ts'

const TOPICS = '/clusters/embedded/topics'
const walkers = walkersOfFile()

interface Topic {
  partitions: number
  offsetSpan: number
}
interface Messages {
  items: { offset: number; key: string; value: string; headers: { key: string; value: string }[] }[]
}
const topicOf = (name: string) => walkers.api<Topic>(`${TOPICS}/${name}`)
const namesOf = async (search: string) =>
  (await walkers.api<{ items: { name: string }[] }>(`${TOPICS}?search=${search}`)).items.map(
    (item) => item.name,
  )

describe.each(looksFrom('en'))('$locale, $theme, $width px', (look: Look) => {
  const tag = `${look.locale}${look.width}`
  const made = `made-${tag}`
  let walk: Walk

  beforeAll(async () => {
    walk = await walkers.walk(look)
  })
  afterAll(async () => {
    await walk?.context.close()
  })

  test('a topic is created with counts and a config of its own; a second of that name is refused', async () => {
    const { t, sheet, button, page } = walk
    await walk.go(TOPICS)
    await button(t('topics.create')).click()
    await sheet.getByLabel(t('createTopic.name'), { exact: true }).fill(made)
    await sheet.getByLabel(t('createTopic.partitions'), { exact: true }).fill('2')
    await sheet.getByLabel(t('createTopic.replication'), { exact: true }).fill('3')
    await walk.inspect('topic-create')
    await button(t('createTopic.do'), sheet).click()
    await sheet.getByText(t('createTopic.done', { name: made })).waitFor()
    await expect.poll(async () => (await topicOf(made)).partitions).toBe(2)
    await button(t('createTopic.another'), sheet).click()
    await sheet.getByLabel(t('createTopic.name'), { exact: true }).fill(made)
    await button(t('createTopic.do'), sheet).click()
    const alert = sheet.getByRole('alert')
    await alert.waitFor()
    const text = await alert.innerText()
    expect(text).toContain('TOPIC_ALREADY_EXISTS')
    if (look.locale === 'zh') expect(text).toContain(t('problem.kafka.TOPIC_ALREADY_EXISTS'))
    await walk.page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    walk.errors.length = 0
    await expect.poll(() => page.url()).not.toContain('sheet=')
  })

  test('a message is produced, with key and header, and a 64-bit integer keeps every digit', async () => {
    const { t, sheet, button, page } = walk
    await walk.go(`${TOPICS}/${made}?tab=messages&from=oldest`)
    await button(t('messages.produceEllipsis')).click()
    await sheet.getByLabel(t('messages.key'), { exact: true }).fill('first')
    await sheet
      .getByLabel(t('messages.value'), { exact: true })
      .fill('{"id":9007199254740993,"text":"Grüße"}')
    await button(t('messages.addHeader'), sheet).click()
    await sheet.getByLabel(t('messages.headerKey'), { exact: true }).fill('trace')
    await sheet.getByLabel(t('messages.headerValue'), { exact: true }).fill('abc')
    await walk.inspect('produce')
    await button(t('messages.produce'), sheet).click()
    await sheet.getByText(/\b0[.。]/).waitFor()
    await button(t('common.done'), sheet).click()
    const { items } = await walkers.api<Messages>(`${TOPICS}/${made}/messages?from=oldest`)
    expect(items).toMatchObject([
      {
        key: 'first',
        value: '{"id":9007199254740993,"text":"Grüße"}',
        headers: [{ key: 'trace', value: 'abc' }],
      },
    ])
    await button(t('messages.read')).click()
    await page.locator('tbody').getByRole('button').first().click()
    await expect.poll(() => page.locator('main').innerText(), SLOW).toContain('9007199254740993')
    await walk.inspect('message-open')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(t('messages.download')).click(),
    ])
    expect(download.suggestedFilename()).toBe(`${made}.jsonl`)
    const saved = await readFile(await download.path(), 'utf8')
    expect(saved.trim().split('\n')).toHaveLength(1)
    expect(saved).toContain('9007199254740993')
  })

  test('from the newest one pages back to the oldest, and a page can be linked to', async () => {
    const { t, button, page } = walk
    for (let i = 0; i < 59; i++) {
      await walkers.api(`${TOPICS}/${made}/messages`, { body: { value: `v${i}`, partition: 0 } })
    }
    await walk.go(`${TOPICS}/${made}?tab=messages&partition=0&limit=50`)
    const rows = page.locator('tbody tr')
    await expect.poll(() => rows.count(), SLOW).toBe(50)
    const newest = await rows.first().innerText()
    await button(t('messages.older')).click()
    await expect.poll(() => rows.count(), SLOW).toBeLessThan(50)
    await expect.poll(() => page.url()).toContain('cursor=d')
    await walk.settled()
    const older = await rows.allInnerTexts()
    expect(older.at(-1)).toMatch(/\b0\b/)
    await expect.poll(() => button(t('messages.older')).isEnabled()).toBe(false)
    await page.reload()
    await walk.settled()
    await expect.poll(() => rows.allInnerTexts(), SLOW).toEqual(older)
    await walk.inspect('messages-older')
    await button(t('messages.fromStart')).click()
    await expect.poll(() => rows.first().innerText(), SLOW).toBe(newest)
    await expect.poll(() => page.url()).not.toContain('cursor=')
  })

  test('the live tail shows what comes in, and counts it', async () => {
    const { t, button, page } = walk
    await walk.go(`${TOPICS}/${made}?tab=messages`)
    await button(t('messages.tail')).click()
    await page.getByText(t('messages.tailStatus.open'), { exact: true }).waitFor(SLOW)
    await page.getByText(t('messages.tailWaiting'), { exact: true }).waitFor()
    for (let i = 0; i < 3; i++) {
      await walkers.api(`${TOPICS}/${made}/messages`, { body: { value: `live ${i}` } })
      await page.getByText(`live ${i}`).filter({ visible: true }).first().waitFor()
    }
    await page.getByText(t('messages.tailCounts', { scanned: '3', matched: '3' })).waitFor()
    await walk.inspect('live-tail')
    await button(t('messages.stopTail')).click()
    await expect.poll(() => page.url()).not.toContain('live=true')
  })

  test('a config is set and set back to its default, each after its diff', async () => {
    const { t, sheet, button, page } = walk
    const name = 'retention.ms'
    interface Configs {
      items: { name: string; value: string; source: string; defaultValue: string }[]
    }
    const read = async () =>
      (await walkers.api<Configs>(`${TOPICS}/${made}/configs`)).items.find(
        (item) => item.name === name,
      )
    await walkers.api(`${TOPICS}/${made}/configs`, {
      method: 'PATCH',
      body: { set: { [name]: '5000000' } },
    })
    const fallback = (await read())?.defaultValue
    await walk.go(`${TOPICS}/${made}?tab=config&config=${name}`)
    await page.getByLabel(t('config.reset', { name }), { exact: true }).first().click()
    await button(t('config.review')).click()
    await sheet.getByText('5000000').waitFor()
    await sheet.getByText(fallback ?? 'no default', { exact: true }).waitFor()
    expect((await read())?.value).toBe('5000000')
    await walk.inspect('config-reset')
    await button(t('config.apply', { count: 1 }), sheet).click()
    await sheet.getByText(t('config.applied')).waitFor()
    await expect.poll(() => read()).toMatchObject({ value: fallback, source: 'default' })
    await button(t('common.done'), sheet).click()
    await page.locator('main').getByText('5000000').first().waitFor()
    await walk.inspect('config-history')
  })

  test('partitions are added', async () => {
    const { t, sheet, button } = walk
    await walk.go(`${TOPICS}/${made}?sheet=add-partitions`)
    await sheet.getByLabel(t('addPartitions.count'), { exact: true }).fill('4')
    await walk.inspect('add-partitions')
    await button(t('addPartitions.do', { count: 2 }), sheet).click()
    await sheet.getByText(t('addPartitions.done', { count: 4 })).waitFor()
    await expect.poll(async () => (await topicOf(made)).partitions).toBe(4)
    await button(t('common.done'), sheet).click()
  })

  test('a chart is saved as CSV and as a picture', async () => {
    const { t, page } = walk
    const title = t('metric.messagesIn')
    await until('there are samples', async () => {
      const query = `metric=messages-in-rate&by=topic&names=orders&from=${Date.now() - 600_000}&to=${Date.now()}`
      const { series } = await walkers.api<{ series: { points: { value: number | null }[] }[] }>(
        `/clusters/embedded/metrics?${query}`,
      )
      return series.some((one) => one.points.filter((p) => p.value !== null).length > 1)
    })
    await walk.go(`${TOPICS}/orders?tab=charts`)
    const save = async (item: string) => {
      await page.getByLabel(t('chart.menu', { title }), { exact: true }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: item, exact: true }).click(),
      ])
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) }
    }
    const csv = await save(t('chart.csv'))
    expect(csv.name).toMatch(/\.csv$/)
    const [head, ...lines] = csv.bytes.toString('utf8').trim().split('\n')
    expect(head).toBe('time,orders')
    expect(lines.some((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z,[\d.]+$/.test(line))).toBe(true)
    const png = await save(t('chart.png'))
    expect(png.name).toMatch(/\.png$/)
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG')
    expect(png.bytes.readUInt32BE(16), 'twice the width on the page').toBeGreaterThan(500)
    expect(png.bytes.length).toBeGreaterThan(3_000)
    await walk.inspect('topic-charts')
    const axis = () => page.locator('.recharts-yAxis-tick-labels').first().textContent()
    await expect.poll(() => axis()).toMatch(/(^|\D)0\/s/)
    await page.getByLabel(t('chart.menu', { title }), { exact: true }).click()
    await page.getByRole('menuitemcheckbox', { name: t('chart.logScale'), exact: true }).click()
    await expect.poll(axis, SLOW).not.toMatch(/(^|\D)0\/s/)
    await expect.poll(() => page.url()).toContain('log=true')
    await walk.inspect('topic-charts-log')
  })

  test('what may not be a count of messages is called an offset span', async () => {
    const { t, page } = walk
    const compacted = `compacted-${look.locale}`
    const configs = { 'cleanup.policy': 'compact' }
    await walkers.api(TOPICS, { body: { name: compacted, partitions: 1, configs } })
    const policy = () => walkers.api<{ isCompacted: boolean }>(`${TOPICS}/${compacted}`)
    await expect.poll(policy).toMatchObject({ isCompacted: true })
    for (const [name, hint] of [
      [compacted, t('topic.offsetSpanCompacted')],
      ['orders', t('topic.offsetSpanHint')],
    ] as const) {
      await walk.go(`${TOPICS}/${name}`)
      await page.getByText(t('topic.offsetSpan'), { exact: true }).first().waitFor()
      await page.locator(`[title="${hint}"]`).first().waitFor()
    }
  })

  test('one is purged and several are deleted, what goes typed first', async () => {
    const { t, sheet, button, page } = walk
    const second = `also-${tag}`
    await walkers.api(TOPICS, { body: { name: second, partitions: 1 } })
    await until('both are listed', async () => (await namesOf(tag)).length === 2)
    await walk.go(`${TOPICS}?search=${tag}`)
    const select = (row: string) =>
      page.getByRole('checkbox', { name: t('table.selectRow', { row }), exact: true }).click()
    await select(made)
    await button(t('topics.purgeEllipsis')).click()
    await sheet.locator('input').fill(made)
    await button(t('topicsAction.do.purge', { count: 1 }), sheet).click()
    await sheet.getByText(t('topicsAction.done.purge'), { exact: true }).waitFor()
    await expect.poll(async () => (await topicOf(made)).offsetSpan).toBe(0)
    await button(t('common.done'), sheet).click()

    await select(made)
    await select(second)
    await expect.poll(() => decodeURIComponent(page.url())).toContain('selected=')
    await button(t('topics.deleteEllipsis')).click()
    const go = button(t('topicsAction.do.delete', { count: 2 }), sheet)
    await sheet.locator('input').fill('delete')
    expect(await go.isEnabled()).toBe(false)
    await sheet.locator('input').fill('delete 2')
    await walk.inspect('topics-delete')
    await go.click()
    const done = sheet.getByText(t('topicsAction.done.delete'), { exact: true })
    await expect.poll(() => done.count(), SLOW).toBe(2)
    await button(t('common.done'), sheet).click()
    await until('they are gone', async () => (await namesOf(tag)).length === 0)
    await walk.settled()
    await walk.inspect('topics-after')
  })
})
