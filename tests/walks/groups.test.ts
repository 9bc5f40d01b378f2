// Groups in the browser: offsets reset after a look at before and after, groups deleted, their history kept.
import type { Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Look, looksFrom, SLOW, type Walk, walkersOfFile } from '../support/console-walk.ts'
import { createTopics } from '../support/create-topics.ts'
import { until } from '../support/eyrie-cluster.ts'
import { patientKafka } from '../support/patient-kafka.ts'

// Of its own on a console that lives longer than this run.
const TOPIC = `walked-${Date.now().toString(36)}`
const CLUSTER = '/clusters/embedded'
const walkers = walkersOfFile()
let admin: Admin

interface Group {
  isDeleted: boolean
  partitions: { partition: number; committed: number | null; lag: number | null }[]
}

beforeAll(async () => {
  const { bootstrapServers } = await walkers.api<{ bootstrapServers: string[] }>(CLUSTER)
  const kafka = patientKafka(bootstrapServers)
  admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, [{ topic: TOPIC, numPartitions: 2 }])
  // What is sent again must not be there twice.
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (const partition of [0, 1]) {
    const messages = Array.from({ length: 20 }, (_, i) => ({ value: `v${i}`, partition }))
    await producer.send({ topic: TOPIC, messages })
  }
  await producer.disconnect()
})
afterAll(async () => {
  await admin?.deleteTopics({ topics: [TOPIC] }).catch(() => undefined)
  await admin?.disconnect()
})

/** A group that has read ten records of each partition and is gone. */
async function commit(groupId: string): Promise<void> {
  const partitions = [0, 1].map((partition) => ({ partition, offset: '10' }))
  await admin.setOffsets({ groupId, topic: TOPIC, partitions })
}
const readGroup = (id: string): Promise<Group> => walkers.api(`${CLUSTER}/groups/${id}`)
const committed = async (id: string) => (await readGroup(id)).partitions.map((p) => p.committed)
/** Two points at least: what a line is drawn of. */
async function hasHistory(id: string): Promise<boolean> {
  const query = `from=${Date.now() - 900_000}&to=${Date.now() + 1}`
  const { series } = await walkers.api<{ series: { points: { lag: number | null }[] }[] }>(
    `${CLUSTER}/groups/${id}/lag?${query}`,
  )
  return series.some(({ points }) => points.filter(({ lag }) => lag !== null).length > 1)
}

describe.each(looksFrom('zh'))('$locale, $theme, $width px', (look: Look) => {
  let walk: Walk
  const id = (name: string): string => `${name}-${look.locale}-${look.width}`

  beforeAll(async () => {
    walk = await walkers.walk(look)
  })
  afterAll(() => walk?.context.close())

  test('offsets are reset once before and after were shown, partition by partition', async () => {
    const { t, sheet, button, page } = walk
    await commit(id('reset'))
    await until('the console knows it', async () =>
      (await walkers.api<{ items: { id: string }[] }>(`${CLUSTER}/groups?search=reset`)).items.some(
        (group) => group.id === id('reset'),
      ),
    )
    await walk.go(`${CLUSTER}/groups/${id('reset')}`)
    await button(t('group.resetEllipsis')).click()
    await expect.poll(() => page.url()).toContain('sheet=reset-offsets')
    expect(await button(t('resetOffsets.do'), sheet).isEnabled()).toBe(false)
    await walk.choose(t('resetOffsets.to'), t('resetOffsets.target.shift'), sheet)
    await sheet.getByLabel(t('resetOffsets.by'), { exact: true }).fill('-4')
    await button(t('resetOffsets.doPreview'), sheet).click()
    await sheet.getByText(t('resetOffsets.preview', { count: 2, failed: 0 })).waitFor()
    const rows = await sheet.locator('tbody tr').allInnerTexts()
    expect(rows.map((row) => row.split(/\s+/))).toEqual([
      [`${TOPIC}-0`, '10', '6', '10', '14'],
      [`${TOPIC}-1`, '10', '6', '10', '14'],
    ])
    await expect
      .poll(() => committed(id('reset')), { message: 'a preview moves nothing' })
      .toEqual([10, 10])
    await walk.inspect('reset-preview')
    await button(t('resetOffsets.do'), sheet).click()
    await sheet.getByText(t('resetOffsets.done', { count: 2, failed: 0 })).waitFor()
    await expect.poll(() => committed(id('reset'))).toEqual([6, 6])
    await button(t('common.done'), sheet).click()
    await walk.settled()
    await walk.inspect('group-after-reset')
  })

  test('a group that somebody reads with cannot be reset or deleted, and is told why', async () => {
    const { t, sheet, button } = walk
    const { groups } = await walkers.api<{ groups: string[] }>(`${CLUSTER}/sample`)
    const [live] = groups
    await until('it has members', () =>
      // Its reader may not have joined yet: then nobody knows the group.
      walkers.api<{ members: number }>(`${CLUSTER}/groups/${live}`).then(
        ({ members }) => members > 0,
        () => false,
      ),
    )
    const before = await committed(live!)
    await walk.go(`${CLUSTER}/groups/${live}?sheet=reset-offsets`)
    await button(t('resetOffsets.doPreview'), sheet).click()
    await sheet.locator('tbody tr').first().waitFor()
    expect(await button(t('resetOffsets.do'), sheet).isEnabled()).toBe(false)
    await walk.go(`${CLUSTER}/groups/${live}?sheet=delete-group`)
    expect(await button(t('deleteGroup.do', { count: 1 }), sheet).isEnabled()).toBe(false)
    expect(await sheet.locator('input').count()).toBe(0)
    expect((await committed(live!)).length).toBe(before.length)
    await walk.inspect('group-has-members')
  })

  test('a deleted group keeps its lag history', async () => {
    const { t, sheet, button, page } = walk
    const group = id('gone')
    await commit(group)
    const isRecorded = () => hasHistory(group).catch(() => false)
    await until('its lag was recorded', isRecorded, 240_000)
    await walk.go(`${CLUSTER}/groups/${group}`)
    await button(t('group.deleteEllipsis')).click()
    const go = button(t('deleteGroup.do', { count: 1 }), sheet)
    await sheet.locator('input').fill(`${group}x`)
    expect(await go.isEnabled()).toBe(false)
    await sheet.locator('input').fill(group)
    await walk.inspect('group-delete')
    await go.click()
    await sheet.getByText(t('deleteGroup.done'), { exact: true }).waitFor()
    await button(t('common.done'), sheet).click()
    await page.getByText(t('group.isDeleted')).waitFor()
    expect((await admin.listGroups()).groups.map((one) => one.groupId)).not.toContain(group)
    await expect.poll(async () => (await readGroup(group)).isDeleted).toBe(true)
    expect(await hasHistory(group)).toBe(true)
    await page.reload()
    await walk.settled()
    // One cycle may have been all that saw it: a dot then, no line.
    const drawn = page.locator('.recharts-line-curve, .lone-dot')
    await drawn.first().waitFor({ state: 'attached' })
    await walk.inspect('group-deleted')
  })

  test('several are selected, in the address, and deleted with their number typed', async () => {
    const { t, sheet, button, page } = walk
    const groups = [id('bulk-a'), id('bulk-b')]
    for (const group of groups) await commit(group)
    await until('the console knows both', async () => {
      const { items } = await walkers.api<{ items: { id: string }[] }>(
        `${CLUSTER}/groups?search=bulk-`,
      )
      return groups.every((group) => items.some((one) => one.id === group))
    })
    await walk.go(`${CLUSTER}/groups?search=bulk-`)
    for (const group of groups) {
      await page.getByRole('checkbox', { name: t('table.selectRow', { row: group }) }).click()
    }
    await expect
      .poll(() => decodeURIComponent(page.url()))
      .toContain(`selected=${groups.join(',')}`)
    await page.reload()
    await walk.settled()
    await page.getByText(t('table.selected', { count: 2 })).waitFor()
    await walk.inspect('groups-selected')
    await button(t('groups.deleteEllipsis')).click()
    await sheet.locator('input').fill('delete 2')
    await button(t('deleteGroup.do', { count: 2 }), sheet).click()
    await expect
      .poll(() => sheet.getByText(t('deleteGroup.done'), { exact: true }).count(), SLOW)
      .toBe(2)
    await button(t('common.done'), sheet).click()
    const left = (await admin.listGroups()).groups.map((one) => one.groupId)
    expect(left.filter((group) => groups.includes(group))).toEqual([])
  })
})
