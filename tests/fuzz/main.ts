// A worker of the fuzzer: runs rounds (arguments: first seed, step, end, frames a round), one JSON line each.
import { runRound } from './round.ts'

const [first = 1, step = 1, end = 2, frames = 1000] = process.argv.slice(2).map(Number)
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    console.error(`${event}:`, error)
    process.exit(3)
  })
}
for (let seed = first; seed < end; seed += step) {
  process.stdout.write(`${JSON.stringify(await runRound(seed, frames))}\n`)
}
process.exit(0)
