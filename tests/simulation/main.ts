// A worker of the simulation: runs the seeds it is given (arguments: first, step, end, and brokers or 0 for the
// number that belongs to the seed), one JSON line each.
import { runSeed } from './run-seed.ts'

const [first = 0, step = 1, end = 1, brokers = 0] = process.argv.slice(2).map(Number)
process.on('uncaughtException', (error) => {
  console.error(`seed ${seed}: an error that nobody caught`, error)
  process.exit(1)
})
let seed = first
for (; seed < end; seed += step) {
  const result = await runSeed(seed, brokers > 0 ? { brokers } : {})
  const isShown = process.env.EYRIE_TRANSCRIPT === '1'
  const isBad = result.violations.length > 0
  const { transcript, ...rest } = result
  process.stdout.write(`${JSON.stringify(isBad || isShown ? { ...rest, transcript } : rest)}\n`)
  if (isBad && process.env.EYRIE_STOP_AT_FIRST === '1') break
}
process.exit(0)
