// What a collection cycle takes with the wire: bundled and run by scripts/lag-cycle.mjs against three brokers that are
// up and empty. Between cycles the clock is put forward by the collector's interval, so that each does all it does then.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { allClusters, type Cluster } from '../clusters/registry.ts'
import { ClusterLoop } from '../collector/cluster-loop.ts'
import { intervalMsOf } from '../collector/interval.ts'
import type { Reading } from '../collector/reading.ts'
import { closeDatabase, database } from '../db/client.ts'
import { type LagCluster, makeTopics, moveOffsets } from './lag-cluster.ts'
import { PAGES, type PageAnswer } from './lag-pages.ts'

export { askPages } from './lag-pages.ts'

export interface LagCycles extends LagCluster {
  cycles: number
  cycleMsMax: number
  /** By how much a figure may be over its bound. */
  factor: number
  /** A process that asks for pages and sends how long each answer took. */
  startPages: () => ChildProcess
}

/** In ms, but the first; times of the wall's clock and of this process' CPU. */
interface Cycle {
  /** Of all topics, the cluster's own among them. */
  readonly partitions: number
  readonly fromMs: number
  readonly toMs: number
  readonly readMs: number
  readonly readCpuMs: number
  readonly restMs: number
  readonly restCpuMs: number
}

/** No cluster is read less often. */
const INTERVAL_MS_MAX = 60_000
/** Pages are asked without a cycle for so long after each. */
const QUIET_MS = 2_000
const PAGES_WARM_UP_MS = 3_000

const wallMs = (): number => performance.timeOrigin + performance.now()

/** Date.now() as of now, put forward by what `skip` says; begins `backMs` ago, so that nothing ends in the future. */
function shiftClock(backMs: number): { skip: (ms: number) => void } {
  const now = Date.now
  let aheadMs = -backMs
  Date.now = () => now() + aheadMs
  return {
    skip: (ms) => {
      aheadMs += ms
    },
  }
}

/** Throws unless all of the cluster is in it: a cycle that leaves brokers out is a quick one. */
function assertWhole({ state, ends, groups, ...reading }: Reading, wanted: LagCluster): void {
  const silent = [...reading.brokerErrors].map(([id, error]) => `broker ${id}: ${error}`)
  if (silent.length > 0) throw new Error(`not all brokers answered: ${silent.join('; ')}`)
  const count = (map: ReadonlyMap<string, ReadonlyMap<number, unknown>>): number =>
    [...map.values()].reduce((sum, partitions) => sum + partitions.size, 0)
  const partitions = state.topics.reduce((sum, topic) => sum + topic.partitions.length, 0)
  const sizes = [...reading.logDirs.values()].flatMap((dirs) => dirs.map((d) => d.replicas.length))
  const told = {
    ends: count(ends),
    starts: count(reading.logStarts),
    replicas: sizes.reduce((sum, one) => sum + one, 0) >= partitions,
    settings: reading.topicSettings.size,
    committed: groups.filter(({ offsets }) => offsets !== null && offsets.size === 3).length,
    metrics: reading.metrics.size,
  }
  const whole = {
    ends: partitions,
    starts: partitions,
    replicas: true,
    settings: state.topics.length,
    committed: wanted.groups,
    metrics: state.brokers.length,
  }
  const [is, should] = [JSON.stringify(told), JSON.stringify(whole)]
  if (is !== should || partitions < wanted.topics * wanted.partitions)
    throw new Error(`a cycle read ${is}, not ${should}`)
}

/** A moment by the wall's clock and by this process' CPU time. */
interface Mark {
  readonly ms: number
  readonly cpuMs: number
}

function mark(): Mark {
  const { user, system } = process.cpuUsage()
  return { ms: wallMs(), cpuMs: (user + system) / 1_000 }
}

/** The collector's loop of one cluster, a cycle at a time. */
class MeasuredLoop {
  readonly #loop: ClusterLoop
  readonly #wanted: LagCluster
  #read: { at: Mark; reading: Reading } | null = null

  private constructor(loop: ClusterLoop, wanted: LagCluster) {
    this.#loop = loop
    this.#wanted = wanted
  }

  static async open(cluster: Cluster, wanted: LagCluster): Promise<MeasuredLoop> {
    let own: MeasuredLoop | null = null
    const onRead = (reading: Reading): void => own?.take(reading)
    own = new MeasuredLoop(await ClusterLoop.open(cluster, await database(), onRead), wanted)
    return own
  }

  take(reading: Reading): void {
    this.#read = { at: mark(), reading }
  }

  /** Throws when it fails, or leaves anything of the cluster out. */
  async cycle(): Promise<Cycle> {
    this.#read = null
    const began = mark()
    this.#loop.tick(Date.now(), { untilMs: 0, wantedMs: 0 })
    await this.#loop.settled()
    const ended = mark()
    const { error } = this.#loop
    if (error !== null || this.#read === null) throw new Error(`a cycle failed: ${error}`)
    const { at, reading } = this.#read as { at: Mark; reading: Reading }
    assertWhole(reading, this.#wanted)
    const { topics } = reading.state
    return {
      partitions: topics.reduce((sum, topic) => sum + topic.partitions.length, 0),
      fromMs: began.ms,
      toMs: ended.ms,
      readMs: at.ms - began.ms,
      readCpuMs: at.cpuMs - began.cpuMs,
      restMs: ended.ms - at.ms,
      restCpuMs: ended.cpuMs - at.cpuMs,
    }
  }

  close(): Promise<void> {
    return this.#loop.close()
  }
}

function atShare(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const medianOf = (values: readonly number[]): number => atShare(values, 0.5)
const cell = (ms: number): string => ms.toFixed(0).padStart(9)

function lineOf(title: string, { readMs, readCpuMs, restMs, restCpuMs }: CycleTimes): string {
  const columns = [readMs + restMs, readMs, restMs, readCpuMs + restCpuMs, readCpuMs, restCpuMs]
  return title.padEnd(10) + columns.map(cell).join('')
}

type CycleTimes = Pick<Cycle, 'readMs' | 'readCpuMs' | 'restMs' | 'restCpuMs'>

const lengthOf = ({ readMs, restMs }: Cycle): number => readMs + restMs

/** Prints the line of each page; true when none of them costs more than its bound while a cycle runs. */
function reportPages(
  answers: readonly PageAnswer[],
  spans: { cycles: readonly Cycle[]; quiet: readonly (readonly [number, number])[] },
  factor: number,
): boolean {
  const within = ({ fromMs, toMs }: PageAnswer, [from, to]: readonly [number, number]): boolean =>
    fromMs >= from && toMs <= to
  const meets = ({ fromMs, toMs }: PageAnswer, cycle: Cycle): boolean =>
    fromMs < cycle.toMs && toMs > cycle.fromMs
  console.log(
    `${'pages, from a process of their own'.padEnd(36)}   median      p95      CPU   with a cycle: median      p95      CPU    bound  (ms)`,
  )
  let isGood = true
  for (const { title, boundMs } of PAGES) {
    const own = answers.filter((answer) => answer.title === title)
    const quiet = own.filter((answer) => spans.quiet.some((span) => within(answer, span)))
    const busy = own.filter((answer) => spans.cycles.some((cycle) => meets(answer, cycle)))
    if (quiet.length < 3 || busy.length < 3)
      throw new Error(`${title}: only ${quiet.length} and ${busy.length} answers`)
    const columns = (some: readonly PageAnswer[]): string => {
      const times = some.map(({ fromMs, toMs }) => toMs - fromMs)
      const cpu = medianOf(some.map(({ cpuMs }) => cpuMs))
      return [medianOf(times), atShare(times, 0.95), cpu].map(cell).join('')
    }
    // Of the processor: by the clock it also waits for one of the cores that five processes share.
    const isWithin = medianOf(busy.map(({ cpuMs }) => cpuMs)) <= boundMs * factor
    isGood &&= isWithin
    const verdict = isWithin ? '' : '  TOO SLOW'
    console.log(
      `${title.padEnd(34)}${columns(quiet)}${' '.repeat(13)}${columns(busy)}${cell(boundMs)}${verdict}`,
    )
  }
  return isGood
}

/** Prints the figures; true when all are within their bounds times the factor. */
export async function runLagCycles(load: LagCycles): Promise<boolean> {
  const [cluster] = allClusters()
  if (cluster === undefined) throw new Error('no cluster is set')
  const began = performance.now()
  const seconds = (): string => `${((performance.now() - began) / 1_000).toFixed(0)} s`
  await makeTopics(cluster, load)
  console.log(`${load.topics} topics x ${load.partitions} on three brokers: made in ${seconds()}`)
  await moveOffsets(cluster, load, 0)
  console.log(`${load.groups} groups have committed on three topics each (${seconds()})`)
  const clock = shiftClock((load.cycles + 1) * INTERVAL_MS_MAX)
  const loop = await MeasuredLoop.open(cluster, load)
  // Everything is new to the first one: it is shown, and not counted.
  const first = await loop.cycle()
  const intervalMs = intervalMsOf(first.partitions, false)
  console.log(
    `${'ms'.padEnd(10)}     wall  reading     rest      CPU  reading     rest   (a cycle each ${intervalMs / 1_000} s)`,
  )
  console.log(lineOf('first', first))
  const pages = load.startPages()
  const answers: PageAnswer[] = []
  pages.on('message', (answer) => answers.push(answer as PageAnswer))
  const cycles: Cycle[] = []
  const quiet: [number, number][] = []
  try {
    await sleep(PAGES_WARM_UP_MS)
    for (let index = 1; index <= load.cycles; index++) {
      await moveOffsets(cluster, load, index)
      const quietFromMs = wallMs()
      await sleep(QUIET_MS)
      quiet.push([quietFromMs, wallMs()])
      clock.skip(intervalMs)
      const cycle = await loop.cycle()
      cycles.push(cycle)
      console.log(lineOf(`cycle ${index}`, cycle))
    }
  } finally {
    const ended = pages.exitCode === null ? once(pages, 'exit') : null
    if (pages.connected) pages.disconnect()
    await ended
    await loop.close()
    await closeDatabase()
    cluster.client.close()
  }
  const medianMs = medianOf(cycles.map(lengthOf))
  const maxMs = Math.max(...cycles.map(lengthOf))
  const middle = (key: keyof CycleTimes): number => medianOf(cycles.map((cycle) => cycle[key]))
  console.log(
    `a cycle of ${load.topics} topics x ${load.partitions}, ${load.groups} groups over the wire: ` +
      `median ${medianMs.toFixed(0)} ms, at most ${maxMs.toFixed(0)} ms (limit ${load.cycleMsMax * load.factor} ms); ` +
      `reading ${middle('readMs').toFixed(0)} ms (CPU ${middle('readCpuMs').toFixed(0)}), ` +
      `the rest ${middle('restMs').toFixed(0)} ms (CPU ${middle('restCpuMs').toFixed(0)})`,
  )
  const isGood = reportPages(answers, { cycles, quiet }, load.factor)
  return isGood && medianMs <= load.cycleMsMax * load.factor
}
