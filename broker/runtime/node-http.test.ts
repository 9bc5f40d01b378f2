// What the metrics face does with exchanges that go wrong.
import { afterEach, expect, test } from 'vitest'
import { listenHttp } from './node-http.ts'
import type { Listener } from './runtime.ts'

let listener: Listener

afterEach(() => listener.close())

test('an answer that fails is told to who asked, and the next one is answered', async () => {
  let isBroken = true
  listener = await listenHttp({ host: '127.0.0.1', port: 0 }, () => {
    if (isBroken) throw new Error('too many open files')
    return { status: 200, body: '{}' }
  })
  const ask = () => fetch(`http://127.0.0.1:${listener.endpoint.port}/metrics`)
  const failed = await ask()
  expect(failed.status).toBe(500)
  expect(await failed.text()).toContain('too many open files')
  isBroken = false
  const good = await ask()
  expect([good.status, await good.text()]).toEqual([200, '{}'])
})
