// The frame by keyboard: Ctrl-K to anything that has a name, `g` and a letter to pages, `/`, j, k and Enter, Esc.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Look, looksFrom, type Walk, walkersOfFile } from '../support/console-walk.ts'
import { until } from '../support/eyrie-cluster.ts'

const CLUSTER = '/clusters/embedded'
const walkers = walkersOfFile()

beforeAll(async () => {
  const { topics, groups } = await walkers.api<{ topics: string[]; groups: string[] }>(
    `${CLUSTER}/sample`,
  )
  await until('the sample topics and groups are known', async () => {
    const names = async (kind: 'topics' | 'groups') => {
      const path = `${CLUSTER}/${kind}`
      const { items } = await walkers.api<{ items: { name?: string; id: string }[] }>(path)
      return items.map((item) => item.name ?? item.id)
    }
    const known = [...(await names('topics')), ...(await names('groups'))]
    return topics.length === 3 && [...topics, ...groups].every((name) => known.includes(name))
  })
})

describe.each(looksFrom('en'))('$locale, $theme, $width px', (look: Look) => {
  let walk: Walk
  beforeAll(async () => {
    walk = await walkers.walk(look)
  })
  afterAll(() => walk?.context.close())

  test('Ctrl-K finds topics, groups, brokers and pages, and goes there', async () => {
    const { t, page } = walk
    const { groups } = await walkers.api<{ groups: string[] }>(`${CLUSTER}/sample`)
    const wanted = [
      ['orders', 'orders', `${CLUSTER}/topics/orders`],
      [groups[0] ?? '', groups[0] ?? '', `${CLUSTER}/groups/${groups[0]}`],
      ['broker 2', t('palette.broker', { id: 2 }), `${CLUSTER}/brokers/2`],
      [t('pages.quorum'), t('pages.quorum'), `${CLUSTER}/quorum`],
    ] as const
    for (const [typed, name, path] of wanted) {
      await walk.go(CLUSTER)
      await page.keyboard.press('Control+k')
      const palette = page.getByRole('dialog')
      await palette.waitFor()
      // It is there a moment before the keys go to it.
      await palette.locator('input:focus').waitFor()
      await page.keyboard.type(typed)
      const option = palette.getByRole('option').filter({ hasText: name }).first()
      await option.waitFor()
      await walk.inspect(`palette-${path.split('/').at(-1)}`)
      await option.click()
      await page.waitForURL((url) => url.pathname === path)
      await walk.settled()
    }
  })

  test('j and k walk a list, Enter opens what is marked', async () => {
    const { page } = walk
    await walk.go(`${CLUSTER}/topics?sort=name`)
    const { items } = await walkers.api<{ items: { name: string }[] }>(
      `${CLUSTER}/topics?sort=name&internal=false`,
    )
    expect(items.length).toBeGreaterThan(2)
    await expect.poll(() => page.locator('main').innerText()).toContain(items[1]?.name)
    for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key)
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname === `${CLUSTER}/topics/${items[1]?.name}`)
    await walk.settled()
    expect(walk.errors).toEqual([])
  })

  test('g and a letter opens a page, / its search, Esc closes what is open', async () => {
    const { page } = walk
    await walk.go(CLUSTER)
    for (const [letter, part] of [
      ['t', 'topics'],
      ['g', 'groups'],
      ['b', 'brokers'],
      ['q', 'quorum'],
      ['l', 'lag'],
      ['e', 'events'],
      ['m', 'metrics'],
      ['c', 'config'],
    ] as const) {
      // The letter counts for a second after the g: a busy machine may press it later.
      await until(`g ${letter} opens ${part}`, async () => {
        await page.keyboard.press('g')
        await page.keyboard.press(letter)
        const arrived = page.waitForURL((url) => url.pathname === `${CLUSTER}/${part}`, {
          timeout: 5_000,
        })
        return arrived.then(
          () => true,
          () => false,
        )
      })
      await walk.settled()
    }
    await walk.go(`${CLUSTER}/topics`)
    await page.keyboard.press('/')
    await page.keyboard.type('orders')
    await expect.poll(() => page.url()).toContain('search=orders')
    await walk.go(`${CLUSTER}/topics?sheet=create-topic`)
    await walk.sheet.waitFor()
    await expect
      .poll(() => walk.sheet.evaluate((one) => one.contains(document.activeElement)))
      .toBe(true)
    await page.keyboard.press('Escape')
    await walk.sheet.waitFor({ state: 'detached' })
    await expect.poll(() => page.url()).not.toContain('sheet=')
    expect(walk.errors).toEqual([])
  })
})
