// `npm test`: all set-up, then unit tests, real brokers with kafkajs, and the console in Chromium.
import { existsSync } from 'node:fs'
import { root, run, say, setUp } from './lib/setup.mjs'

process.chdir(root)

/** Where browsers usually are; else Playwright's own, fetched once. */
async function ensureBrowser() {
  const { chromium } = await import('playwright-core')
  const usual = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    chromium.executablePath(),
  ]
  const found = usual.find((path) => path !== undefined && existsSync(path))
  if (found !== undefined) return found
  say(
    'No Chromium found: fetching Playwright’s own (about 170 MB, once; CHROMIUM_PATH names another)',
  )
  await run(
    process.execPath,
    ['node_modules/playwright-core/cli.js', 'install', '--with-deps', '--no-shell', 'chromium'],
    {
      show: true,
    },
  )
  return chromium.executablePath()
}

try {
  await setUp()
  const browser = await ensureBrowser()
  const args = process.argv.slice(2)
  const projects = ['unit', 'integration', 'e2e'].flatMap((name) => ['--project', name])
  say('Tests …')
  await run('node_modules/.bin/vitest', ['run', ...(args.length > 0 ? args : projects)], {
    show: true,
    env: { CHROMIUM_PATH: browser, NODE_ENV: 'test' },
  })
  say('All tests passed')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
