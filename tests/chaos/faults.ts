// What is done to real brokers, drawn from a seed: the faults that a machine knows. Each ends by itself.
import type { SeededRandom } from '../support/memory-runtime.ts'
import { type ChaosBrokers, IDS } from './brokers.ts'

type Fault = (brokers: ChaosBrokers, random: SeededRandom, id: number) => Promise<void>

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const kill: Fault = async (brokers, random, id) => {
  await brokers.kill(id)
  await wait(100 + random.int(4000))
  brokers.start(id)
}

const killAll: Fault = async (brokers, random) => {
  await Promise.all(IDS.map((id) => brokers.kill(id)))
  await wait(100 + random.int(1000))
  for (const id of IDS) brokers.start(id)
}

const pause: Fault = async (brokers, random, id) => {
  brokers.pause(id)
  await wait(500 + random.int(random.next() < 0.3 ? 12_000 : 4000))
  brokers.resume(id)
}

const restart: Fault = async (brokers, random, id) => {
  await brokers.stop(id)
  await wait(random.int(1000))
  brokers.start(id)
}

const fullDisk: Fault = async (brokers, random, id) => {
  brokers.fillDisk(id)
  await wait(1000 + random.int(4000))
  brokers.emptyDisk(id)
  await brokers.kill(id)
  brokers.forgive(id)
  brokers.start(id)
}

const isolate: Fault = async (brokers, random, id) => {
  brokers.pullCable(id)
  await wait(500 + random.int(8000))
  brokers.plugCable(id)
}

const cutOneWay: Fault = async (brokers, random, id) => {
  const to = (id % IDS.length) + 1
  brokers.cutOneWay(id, to)
  await wait(500 + random.int(8000))
  brokers.mendOneWay(id, to)
}

const faults: readonly (readonly [
  name: string,
  weight: number,
  fault: Fault,
  needs?: 'net' | 'disk',
])[] = [
  ['kill -9', 5, kill],
  ['kill -9 of all', 1, killAll],
  ['SIGSTOP', 3, pause],
  ['restart', 2, restart],
  ['full disk', 2, fullDisk, 'disk'],
  ['cable pulled', 3, isolate, 'net'],
  ['one-way partition', 2, cutOneWay, 'net'],
]

/** Faults one after another until the time is over; gives how often each struck. */
export async function strikeFor(
  brokers: ChaosBrokers,
  random: SeededRandom,
  options: { untilMs: number; say: (text: string) => void },
): Promise<Map<string, number>> {
  const { hasNetwork, hasDisks } = brokers.means
  const possible = faults.filter(
    ([, , , needs]) => needs === undefined || (needs === 'net' ? hasNetwork : hasDisks),
  )
  const total = possible.reduce((sum, [, weight]) => sum + weight, 0)
  const counts = new Map<string, number>()
  while (Date.now() < options.untilMs) {
    let at = random.int(total)
    const chosen = possible.find(([, weight]) => {
      at -= weight
      return at < 0
    })
    if (chosen === undefined) continue
    const [name, , fault] = chosen
    const id = IDS[random.int(IDS.length)] ?? 1
    options.say(`${name}, broker ${id}`)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    await fault(brokers, random, id)
    for (const each of IDS) brokers.start(each)
    await wait(random.next() < 0.3 ? random.int(500) : 1500 + random.int(4000))
  }
  return counts
}
