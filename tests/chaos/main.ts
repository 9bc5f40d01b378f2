// Chaos on real brokers: librdkafka writes, faults strike, then all is counted. Arguments: seconds, seed, directory,
// first port. Exits 0 when nothing is lost, duplicated, out of order or half seen.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { SeededRandom } from '../support/memory-runtime.ts'
import { ChaosBrokers, IDS } from './brokers.ts'
import { strikeFor } from './faults.ts'

const PARTITIONS = 3
const READY_TIMEOUT_MS = 120_000
/** Recovery, retries until all is acknowledged, and reading it all back. */
const COUNT_TIMEOUT_MS = 600_000

/** What must be 0. */
const WRONGS = [
  'lost',
  'duplicated',
  'disordered',
  'halfSeen',
  'committedLost',
  'abortedSeen',
  'transactionsTwice',
] as const

type Figures = Record<string, unknown> & { acked: number; failed: string[]; committed: number }

const [seconds = 30, seed = 1] = process.argv.slice(2, 4).map(Number)
const [directory = '', firstPort = '21000'] = process.argv.slice(4)
const beganMs = Date.now()
const say = (text: string): void => {
  console.log(`${((Date.now() - beganMs) / 1000).toFixed(1).padStart(7)} s  ${text}`)
}

class Load {
  readonly #child
  readonly #lines: AsyncIterator<string>

  constructor(bootstrap: string) {
    this.#child = spawn('python3', ['tests/chaos/load.py', bootstrap, String(PARTITIONS)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async line<Line>(what: string, timeoutMs: number): Promise<Line> {
    const late = new Promise<never>((_resolve, reject) => {
      setTimeout(
        () => reject(new Error(`not within ${timeoutMs / 1000} s: ${what}`)),
        timeoutMs,
      ).unref()
    })
    const { value, done } = await Promise.race([this.#lines.next(), late])
    if (done === true) throw new Error(`the load ended before: ${what}`)
    return JSON.parse(value) as Line
  }

  stop(): void {
    this.#child.stdin.write('stop\n')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

async function run(brokers: ChaosBrokers, load: Load): Promise<string[]> {
  await load.line('the load is ready', READY_TIMEOUT_MS)
  say('load runs')
  const counts = await strikeFor(brokers, new SeededRandom(`${seed}/chaos`), {
    untilMs: Date.now() + seconds * 1000,
    say,
  })
  say('all faults end; counting')
  load.stop()
  const figures = await load.line<Figures>('all is counted', COUNT_TIMEOUT_MS)
  const struck = [...counts].map(([name, count]) => `${count} × ${name}`).join(', ')
  say(`faults: ${struck}`)
  for (const [name, value] of Object.entries(figures)) say(`${name}: ${JSON.stringify(value)}`)
  const wrong = WRONGS.filter((name) => figures[name] !== 0).map(
    (name) => `${name} ${figures[name]}`,
  )
  if (figures.acked === 0) wrong.push('nothing was acknowledged')
  if (figures.committed === 0) wrong.push('no transaction was committed')
  if (figures.failed.length > 0) wrong.push(`writes failed: ${figures.failed[0]}`)
  return [...wrong, ...brokers.unexpectedEnds]
}

const brokers = new ChaosBrokers(directory, Number(firstPort))
process.on('exit', () => brokers.endNow())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
const { hasNetwork, hasDisks } = brokers.means
if (!hasNetwork) say('no network namespaces here: partitions are left out')
if (!hasDisks) say('no file system can be mounted here: full disks are left out')
for (const id of IDS) brokers.start(id)
const load = new Load(brokers.bootstrap)
let wrong: string[]
try {
  wrong = await run(brokers, load)
} catch (error) {
  wrong = [error instanceof Error ? error.message : String(error)]
}
load.kill()
await brokers.end({ keepFiles: wrong.length > 0 })
if (wrong.length === 0) say('0 lost, 0 duplicated, no transaction half seen')
else {
  for (const what of wrong) say(`WRONG: ${what}`)
  say(`replay the faults: npm run chaos -- --seconds ${seconds} --seed ${seed}; logs: ${directory}`)
}
process.exit(wrong.length === 0 ? 0 : 1)
