import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Service } from './service.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'eyrie-service-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Says how it knows the brokers, and says it again when told anew. */
const program = `
const say = (brokers) => {
  require('node:fs').appendFileSync(process.argv[2], brokers + ':' + process.pid + '\\n')
  process.send({ type: 'ready' })
}
process.on('message', ({ variables }) => say(variables.BROKERS))
process.on('disconnect', () => process.exit(0))
say(process.env.BROKERS)
`

async function said(path: string, count: number): Promise<string[][]> {
  for (;;) {
    const lines = readFileSync(path, 'utf8').trim().split('\n').filter(Boolean)
    if (lines.length >= count) return lines.map((line) => line.split(':'))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test.each([true, false])(
  'a changed environment reaches the process (by message: %j)',
  async (told) => {
    const script = join(directory, 'child.cjs')
    const output = join(directory, 'said')
    writeFileSync(script, program)
    writeFileSync(output, '')
    const service = new Service({
      name: 'child',
      root: directory,
      args: [script, output],
      env: { BROKERS: 'one' },
      log: join(directory, 'log'),
      say: () => undefined,
      takesEnvironment: told,
    })
    service.start()
    try {
      await said(output, 1)
      await service.changeEnvironment({ BROKERS: 'two' })
      const [[first, firstPid], [second, secondPid]] = (await said(output, 2)) as [
        string[],
        string[],
      ]
      expect([first, second]).toEqual(['one', 'two'])
      expect(firstPid === secondPid).toBe(told)
      expect(service.status().restarts).toBe(0)
    } finally {
      await service.stop()
    }
  },
)
