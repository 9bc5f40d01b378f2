import type { Database } from '../db/client.ts'
import type { BeanLine, BeanSeries } from './catalogue/types.ts'
import { type BeanFamily, entityOf } from './fields.ts'
import { readSamples, type SampleTable } from './read.ts'
import type { Fold } from './read-tiers.ts'
import { makeGrid, onGrid, type Point, ratesOf, toPoints, withoutSeams } from './resample.ts'
import type { SeriesRange } from './series.ts'

/** Points by line id, then by broker. */
export type LinePoints = ReadonlyMap<string, ReadonlyMap<number, Point[]>>

const WEIGHT = 'weight of '

/** Every line of a chart for each of the brokers; a broker without a sample of a line is not in it. */
export async function readLines(
  db: Database,
  lines: readonly BeanLine[],
  range: SeriesRange & { brokerIds: readonly number[] },
): Promise<LinePoints> {
  const wanted = lines.flatMap((line): BeanLine[] => {
    const { weight } = line
    if (weight === undefined) return [line]
    return [line, { id: WEIGHT + line.id, series: weight, show: 'rate', over: 'sum' }]
  })
  const found = new Map<string, Map<number, Point[]>>()
  for (const group of grouped(wanted)) await readGroup(db, group, range, found)
  return found
}

interface Group {
  readonly family: BeanFamily
  readonly fold: Fold
  readonly lines: BeanLine[]
}

function foldOf({ show, over, series }: BeanLine): Fold {
  if (show === 'rate') return 'rate'
  if (series.stored === 'counter') return 'last'
  return over === 'max' ? 'max' : 'mean'
}

/** Lines that one read serves. */
function grouped(lines: readonly BeanLine[]): Group[] {
  const groups = new Map<string, Group>()
  for (const line of lines) {
    const { family } = line.series
    const fold = foldOf(line)
    const group = groups.get(`${family} ${fold}`) ?? { family, fold, lines: [] }
    group.lines.push(line)
    groups.set(`${family} ${fold}`, group)
  }
  return [...groups.values()]
}

async function readGroup(
  db: Database,
  { family, fold, lines }: Group,
  range: SeriesRange & { brokerIds: readonly number[] },
  found: Map<string, Map<number, Point[]>>,
): Promise<void> {
  const fieldOf = (series: BeanSeries): 'beanCounter' | 'beanGauge' =>
    series.stored === 'counter' ? 'beanCounter' : 'beanGauge'
  const keys = new Set(lines.map(({ series }) => `${fieldOf(series)}:${series.slot}`))
  const { clusterId, fromMs, toMs, stepMs } = range
  const tables = await readSamples(db, {
    clusterId,
    entities: range.brokerIds.map((id) => entityOf.broker(id)),
    family,
    fromMs,
    toMs,
    stepMs,
    fold,
    wanted: (field, sub) => keys.has(`${field}:${sub}`),
  })
  for (const brokerId of range.brokerIds) {
    const table = tables.get(entityOf.broker(brokerId))
    if (table === undefined) continue
    for (const line of lines) {
      const field = fieldOf(line.series)
      const points = pointsOf(table, { field, sub: line.series.slot, fold, stepMs })
      if (points === null) continue
      const byBroker = found.get(line.id) ?? new Map<number, Point[]>()
      found.set(line.id, byBroker.set(brokerId, scaled(points, line.scale)))
    }
  }
}

function pointsOf(
  table: SampleTable,
  wanted: { field: string; sub: number; fold: Fold; stepMs: number },
): Point[] | null {
  const { field, sub, fold, stepMs } = wanted
  const series = table.series.find((one) => one.field === field && one.sub === sub)
  if (series === undefined) return null
  const { values, drops, counts } = series
  const grid = makeGrid(table.times, stepMs, table.spacings)
  const column =
    fold === 'rate'
      ? ratesOf(grid, { times: table.times, values, drops })
      : onGrid(grid, values, fold, counts)
  return toPoints(grid, column)
}

function scaled(points: Point[], scale: number | undefined): Point[] {
  if (scale === undefined) return points
  return points.map(({ t, value }) => ({ t, value: value === null ? null : value * scale }))
}

/** One figure of all brokers' at every time at which one has one. */
export function overBrokers(found: LinePoints, line: BeanLine, stepMs: number): Point[] {
  const byBroker = found.get(line.id)
  if (byBroker === undefined) return []
  const weights = found.get(WEIGHT + line.id)
  const at = new Map<number, { value: number; weight: number }[]>()
  for (const [brokerId, points] of byBroker) {
    const weightAt = new Map(
      (weights?.get(brokerId) ?? []).map(({ t, value }) => [t, value] as const),
    )
    for (const { t, value } of points) {
      const known = at.get(t) ?? []
      at.set(t, known)
      if (value !== null) known.push({ value, weight: weightAt.get(t) ?? 0 })
    }
  }
  const points = [...at].map(([t, figures]) => ({ t, value: joined(figures, line.over) }))
  points.sort((a, b) => a.t - b.t)
  return withoutSeams(points, stepMs)
}

function joined(
  figures: readonly { value: number; weight: number }[],
  how: BeanLine['over'],
): number | null {
  if (figures.length === 0) return null
  const sum = figures.reduce((total, { value }) => total + value, 0)
  if (how === 'sum') return sum
  if (how === 'max') return Math.max(...figures.map(({ value }) => value))
  const weight = figures.reduce((total, one) => total + one.weight, 0)
  // Where nobody was asked, each counts the same.
  if (how === 'mean' || weight === 0) return sum / figures.length
  return figures.reduce((total, one) => total + one.value * one.weight, 0) / weight
}
