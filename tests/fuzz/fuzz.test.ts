// The fuzzer itself: seeds that once found something pass, what it asks is understood, a round replays exactly.
// `npm run fuzz` sends more.
import { expect, test } from 'vitest'
import { runRound } from './round.ts'
import seeds from './seeds.json' with { type: 'json' }

test.each(seeds)('nothing breaks under seed $seed', { timeout: 240_000 }, async (kept) => {
  const result = await runRound(kept.seed, kept.frames)
  expect(result.violations).toEqual([])
})

test('most frames are understood by the broker, and a seed goes the same way again', {
  timeout: 240_000,
}, async () => {
  const first = await runRound(7, 600)
  const again = await runRound(7, 600)
  expect({ ...again, peakRssBytes: 0 }).toEqual({ ...first, peakRssBytes: 0 })
  const answered = Object.values(first.answers).reduce((sum, count) => sum + count, 0)
  expect(answered).toBeGreaterThan(first.frames / 2)
  const fine = Object.entries(first.answers).filter(([name]) => name.endsWith(' NONE'))
  expect(fine.length).toBeGreaterThan(20)
})
