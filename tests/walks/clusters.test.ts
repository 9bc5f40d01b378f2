// The clusters page: the own brokers attached once more under another name, tried out, changed and marked.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Look, looksFrom, SLOW, walkersOfFile } from '../support/console-walk.ts'
import { until } from '../support/eyrie-cluster.ts'

const walkers = walkersOfFile()

interface Clusters {
  items: { id: string; name: string; bootstrapServers: string[]; connection: unknown }[]
}
const clusters = async () => (await walkers.api<Clusters>('/clusters')).items

describe.each(looksFrom('en'))('$locale, $theme, $width px', (look: Look) => {
  const name = `Twin ${look.locale} ${look.theme} ${look.width}`
  const id = name.toLowerCase().replaceAll(' ', '-')

  test('a wrong address is explained, the right one is attached', async () => {
    const walk = await walkers.walk(look)
    const { t, sheet, button, page } = walk
    await walk.go('/clusters')
    await walk.inspect('clusters')
    await button(t('clusters.add')).click()
    await sheet.getByLabel(t('clusters.name'), { exact: true }).fill(name)
    await sheet.getByText(t('clusters.colors.violet'), { exact: true }).click()
    await sheet.getByLabel(t('clusters.isProduction'), { exact: true }).click()
    const servers = sheet.getByLabel(t('clusters.bootstrap'), { exact: true })
    // One that accepts and never answers: what is known of it is there while it is waited for.
    const held: Socket[] = []
    const mute = createServer((socket) => held.push(socket.resume())).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    await servers.fill(`127.0.0.1:${(mute.address() as AddressInfo).port}`)
    await button(t('clusters.testConnection'), sheet).click()
    await sheet.getByText(t('clusters.test.running'), { exact: true }).waitFor()
    const connected = t('clusters.test.found.tcp', { address: '127.0.0.1' })
    await sheet.getByText(connected, { exact: true }).waitFor()
    await walk.inspect('cluster-test-running')
    await sheet.getByText(t('clusters.test.advice.broker-silent')).waitFor(SLOW)
    await until('it is let go', () => held.every((socket) => socket.destroyed))
    mute.close()
    await servers.fill('127.0.0.1:1')
    await button(t('clusters.testConnection'), sheet).click()
    await sheet.getByText(t('clusters.test.advice.tcp-refused'), { exact: true }).waitFor(SLOW)
    await walk.inspect('cluster-test-failed')
    const own = (await clusters()).find((one) => one.id === 'embedded')?.bootstrapServers ?? []
    await servers.fill(own.join('\n'))
    await button(t('clusters.testConnection'), sheet).click()
    await sheet.getByText(t('clusters.test.usable', { count: 0 }), { exact: true }).waitFor(SLOW)
    await walk.choose(t('clusters.mechanism'), 'SCRAM-SHA-512', sheet)
    await sheet.getByLabel(t('clusters.isTls'), { exact: true }).click()
    await walk.inspect('cluster-form')
    await walk.choose(t('clusters.mechanism'), t('clusters.noSasl'), sheet)
    await sheet.getByLabel(t('clusters.isTls'), { exact: true }).click()
    await button(t('clusters.add'), sheet).click()
    await page.locator('main').getByText(name, { exact: true }).waitFor(SLOW)
    await until('it is read', async () =>
      (await clusters()).some((one) => one.id === id && one.connection !== null),
    )
    await page.reload()
    await page.locator('main').getByText(t('clusters.state.reachable')).nth(1).waitFor(SLOW)
    await walk.inspect('clusters-attached')
    await walk.context.close()
  })

  test('a secret is written and never read; the colour and the name mark its pages', async () => {
    const walk = await walkers.walk(look)
    const { t, sheet, button, page } = walk
    await walk.go(`/clusters?sheet=edit-cluster:${id}`)
    await walk.choose(t('clusters.metricsFrom'), t('clusters.metricsKind.jolokia'), sheet)
    await sheet.getByLabel(t('clusters.metricsUrl')).fill('http://{host}:{port+200}/jolokia/')
    await sheet.getByLabel(t('clusters.metricsUsername')).fill('me')
    await sheet.getByLabel(t('clusters.metricsPassword')).fill('hunter2-hunter2')
    await button(t('common.save'), sheet).click()
    await sheet.waitFor({ ...SLOW, state: 'detached' })
    await walk.go(`/clusters?sheet=edit-cluster:${id}`)
    await sheet.getByText(t('clusters.secretKept'), { exact: true }).waitFor(SLOW)
    expect(await sheet.getByLabel(t('clusters.metricsPassword')).inputValue()).toBe('')
    expect(await page.content()).not.toContain('hunter2')
    await walk.inspect('cluster-edit')
    await walk.go(`/clusters/${id}/topics`)
    const header = page.locator('header').first()
    await expect.poll(() => header.innerText()).toContain(name)
    await expect.poll(() => header.innerText()).toContain(t('clusters.production'))
    await expect.poll(() => header.getAttribute('style')).toContain('--series-7')
    await walk.inspect('cluster-production')
    await walk.context.close()
  })

  test('its name is typed before a topic is purged there, and before it is removed', async () => {
    const walk = await walkers.walk(look)
    const { t, sheet, button, page } = walk
    const topics = `/clusters/${id}/topics`
    const topic = `of-${id}`
    const spanOf = async () =>
      (await walkers.api<{ offsetSpan: number | null }>(`${topics}/${topic}`)).offsetSpan
    await walkers.api(topics, { body: { name: topic, partitions: 1 } })
    const message = { body: { key: 'k', value: 'v' } }
    // A topic just made may be unknown to a broker yet: then nothing was written.
    await until('a message is written', () =>
      walkers.api(`${topics}/${topic}/messages`, message).then(
        () => true,
        () => false,
      ),
    )
    await expect.poll(spanOf, { message: 'there is something to purge' }).toBe(1)
    await walk.go(`${topics}?search=${topic}`)
    const row = t('table.selectRow', { row: topic })
    await page.getByRole('checkbox', { name: row, exact: true }).click()
    await button(t('topics.purgeEllipsis')).click()
    const purge = button(t('topicsAction.do.purge', { count: 1 }), sheet)
    await sheet.locator('input').fill(topic)
    expect(await purge.isEnabled()).toBe(false)
    await sheet.locator('input').fill(`${name}/${topic}`)
    await walk.inspect('cluster-production-purge')
    await purge.click()
    await sheet.getByText(t('topicsAction.done.purge'), { exact: true }).waitFor(SLOW)
    await expect.poll(spanOf).toBe(0)

    await walk.go('/clusters')
    await button(t('clusters.removeOf', { name })).click()
    const remove = button(t('clusters.remove'), sheet)
    await sheet.locator('input').fill(id)
    expect(await remove.isEnabled()).toBe(false)
    await sheet.locator('input').fill(name)
    await walk.inspect('cluster-remove')
    await remove.click()
    await sheet.waitFor({ ...SLOW, state: 'detached' })
    expect((await clusters()).map((one) => one.id)).not.toContain(id)
    await page.locator('main').getByText(name, { exact: true }).waitFor({ state: 'detached' })
    await walk.inspect('cluster-removed')
    await walk.context.close()
  })
})
