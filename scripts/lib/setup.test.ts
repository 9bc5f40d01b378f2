// What the set-up runs ends with it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

const setup = new URL('./setup.mjs', import.meta.url).href
const forever = 'console.log(process.pid); setInterval(() => {}, 1000)'

test('a signal that ends the set-up ends the program it runs first', async () => {
  const code = `import { run } from ${JSON.stringify(setup)}
    await run(process.execPath, ['-e', ${JSON.stringify(forever)}], { show: true })`
  const args = ['--input-type=module', '-e', code]
  const starting = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(starting, 'exit')
  const [told] = await once(starting.stdout, 'data')
  const pid = Number(String(told))
  expect(() => process.kill(pid, 0)).not.toThrow()
  starting.kill('SIGTERM')
  expect(await ended).toEqual([null, 'SIGTERM'])
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})
