// The unit tests of the console's stores, and of signing in, on a server's database instead of SQLite.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startMariadb, startPostgresql } from '../support/database-servers.ts'

const STORES = [
  'server/collector/inventory.test.ts',
  'server/lag/tracker.test.ts',
  'server/metrics/roll-up.test.ts',
  'server/metrics/store.test.ts',
  'server/topics/list.test.ts',
]

async function runUnits(files: readonly string[], env: Record<string, string>): Promise<string> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--maxWorkers=1']
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, '--testTimeout=120000', ...files],
    { env: { ...process.env, NO_COLOR: '1', ...env }, maxBuffer: 16 * 1024 * 1024 },
  )
  return stdout
}

test.concurrent.each([
  ['PostgreSQL', startPostgresql],
  ['MariaDB', startMariadb],
])('stores and accounts on %s', { timeout: 600_000 }, async (_, start) => {
  const server = await start()
  try {
    expect(await runUnits(STORES, { EYRIE_TEST_SERVER: server.url })).toMatch(
      new RegExp(`Test Files +${STORES.length} passed`),
    )
    const url = server.createDatabase('accounts')
    const accounts = await runUnits(['server/auth/auth.test.ts'], { DATABASE_URL: url })
    expect(accounts).toMatch(/Test Files +1 passed/)
  } finally {
    await server.stop()
  }
})
