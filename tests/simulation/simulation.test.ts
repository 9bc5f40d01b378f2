// The simulation itself: sound seeds pass, a seed replays exactly, and bugs planted in the broker (while bundling) are
// found within the seeds of an ordinary run.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bundleSimulation, plantedBugs, runSeeds } from '../../scripts/lib/simulation.mjs'
import { runSeed } from './run-seed.ts'

const SHORT_MS = 6000
const SEEDS_MAX = 200

test('seeds pass, and one that runs again goes exactly as before', {
  timeout: 600_000,
}, async () => {
  const first = await runSeed(2, { faultMs: SHORT_MS })
  expect(first.violations).toEqual([])
  expect(first.acknowledged).toBeGreaterThan(50)
  expect(first.groupCommits).toBeGreaterThan(10)
  const again = await runSeed(2, { faultMs: SHORT_MS })
  expect(again.transcript).toEqual(first.transcript)
  expect(again).toEqual(first)
  const other = await runSeed(3, { faultMs: SHORT_MS })
  expect(other.violations).toEqual([])
  expect(other.transcript).not.toEqual(first.transcript)
})

const planted = Object.entries(plantedBugs)

test.each(planted)('a planted bug is found: %s', { timeout: 600_000 }, async (_name, bug) => {
  mkdirSync('dist', { recursive: true })
  const directory = mkdtempSync('dist/planted-')
  try {
    const bundle = `${directory}/simulate.mjs`
    await bundleSimulation(bundle, bug)
    let found: readonly string[] = []
    // `npm run simulate -- --planted`, of .ci/run, begins with seed 1.
    const seeds = { first: bug.seed, step: 1, end: bug.seed + SEEDS_MAX }
    await runSeeds(bundle, seeds, ({ violations }) => {
      found = violations
      return violations.length > 0
    })
    expect(found.length).toBeGreaterThan(0)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
