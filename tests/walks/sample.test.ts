// The switch of the sample traffic: stopped, started, removed with its topics and groups, and made anew.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Look, looksFrom, SLOW, type Walk, walkersOfFile } from '../support/console-walk.ts'
import { until } from '../support/eyrie-cluster.ts'

const CLUSTER = '/clusters/embedded'
const walkers = walkersOfFile()

interface Sample {
  state: string
  topics: string[]
  groups: string[]
}
const sample = () => walkers.api<Sample>(`${CLUSTER}/sample`)
const isIn = (state: string) => async () => (await sample()).state === state
const namesOf = async (kind: 'topics' | 'groups') => {
  const { items } = await walkers.api<{ items: { name?: string; id: string }[] }>(
    `${CLUSTER}/${kind}?pageSize=1000`,
  )
  return items.map((item) => item.name ?? item.id)
}
const endOf = async (topic: string) =>
  (await walkers.api<{ offsetSpan: number }>(`${CLUSTER}/topics/${topic}`)).offsetSpan

describe.each(looksFrom('zh'))('$locale, $theme, $width px', (look: Look) => {
  let walk: Walk
  beforeAll(async () => {
    walk = await walkers.walk(look)
  })
  afterAll(() => walk?.context.close())

  test('the switch stops the traffic and starts it', async () => {
    const { t, page } = walk
    await until('it runs', isIn('running'))
    await walk.go(CLUSTER)
    const onOff = page.getByRole('switch', { name: t('sample.label'), exact: true })
    await expect.poll(() => onOff.getAttribute('aria-checked'), SLOW).toBe('true')
    await onOff.click()
    await until('it has stopped', isIn('stopped'))
    await page.getByText(t('sample.state.stopped')).waitFor()
    // What was under way when it was stopped still arrives.
    let stoppedAt = 0
    await until('nothing is written any more', async () => {
      stoppedAt = await endOf('orders')
      await walk.inspect('sample-stopped')
      return (await endOf('orders')) === stoppedAt
    })
    await onOff.click()
    await until('it writes again', async () => (await endOf('orders')) > stoppedAt)
    await until('it runs again', isIn('running'))
  })

  test('it is removed with its topics and groups once that was typed, and can be made anew', async () => {
    const { t, page, sheet, button } = walk
    const { topics, groups } = await sample()
    expect([topics.length, groups.length]).toEqual([3, 2])
    await walk.go(CLUSTER)
    await button(t('sample.removeEllipsis')).click()
    for (const name of [...topics, ...groups]) {
      await sheet.getByText(name, { exact: true }).waitFor()
    }
    const go = button(t('sample.remove'), sheet)
    expect(await go.isEnabled()).toBe(false)
    await sheet.locator('input').fill('sample')
    await walk.inspect('sample-remove')
    await go.click()
    await until('it is gone', isIn('absent'))
    await until('its topics are gone', async () => {
      const [left, leftGroups] = [await namesOf('topics'), await namesOf('groups')]
      return ![...topics, ...groups].some((one) => left.includes(one) || leftGroups.includes(one))
    })
    await walk.go(CLUSTER)
    await page.getByText(t('sample.state.absent')).waitFor()
    await walk.inspect('sample-absent')
    await page.getByRole('switch', { name: t('sample.label'), exact: true }).click()
    await until('it runs', isIn('running'))
    await until('its topics are back', async () => (await namesOf('topics')).includes('orders'))
  })
})
