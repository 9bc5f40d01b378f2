import type { LagTime } from '../../contracts/lag.ts'
import { TrendTracker } from '../collector/rates.ts'
import { ofTwiceSeconds } from '../lag/heat-cells.ts'
import { NO_LAG } from '../lag/lag-time.ts'
import { entityOf, type FieldName, WHOLE } from '../metrics/fields.ts'
import type { SampleTable } from '../metrics/read.ts'
import { isByTheMinute, lastOf, type Past, readPastSamples } from './past-samples.ts'

/** What is sampled of a group as a whole. */
export interface GroupFigures {
  readonly totalLag: number | null
  /** To the second, from 17 minutes on to 0.2 %; its bounds are not kept. */
  readonly lagTime: LagTime | null
  /** See server/lag/verdict.ts; 0: it had not been judged, null: no sample. */
  readonly verdictRank: number | null
  readonly lagGrowthRate: number | null
}

export const NO_GROUP_FIGURES: GroupFigures = {
  ...{ totalLag: null, lagTime: null, verdictRank: null, lagGrowthRate: null },
}

const FIELDS: readonly FieldName[] = ['totalLag', 'lagTwiceSeconds', 'verdictRank']

/** As of the last cycle in which a group's coordinator answered; groups without a sample from then are left out. */
export async function groupFiguresAt(
  past: Past,
  groupIds: readonly string[],
): Promise<Map<string, GroupFigures>> {
  const tables = await readPastSamples(past, {
    entities: groupIds.map((id) => entityOf.group(id)),
    family: 'health',
    wanted: (field) => FIELDS.includes(field),
  })
  const figures = new Map<string, GroupFigures>()
  for (const id of groupIds) {
    const table = tables.get(entityOf.group(id))
    if (table === undefined) continue
    const totalLag = lastOf(table, 'totalLag')
    const kept = lastOf(table, 'lagTwiceSeconds')
    figures.set(id, {
      totalLag,
      lagTime: kept === null ? null : lagTimeOf(kept, totalLag),
      verdictRank: lastOf(table, 'verdictRank'),
      lagGrowthRate: isByTheMinute(table) ? growthOf(table) : null,
    })
  }
  return figures
}

function lagTimeOf(twiceSeconds: number, totalLag: number | null): LagTime {
  if (totalLag === 0) return NO_LAG
  const { ms, isAtLeast } = ofTwiceSeconds(twiceSeconds)
  if (isAtLeast) return { estimateMs: null, atLeastMs: ms, atMostMs: null }
  return { estimateMs: ms, atLeastMs: 0, atMostMs: null }
}

function growthOf(table: SampleTable): number | null {
  const lags = table.series.find((one) => one.field === 'totalLag' && one.sub === WHOLE)
  const trend = new TrendTracker()
  let growth: number | null = null
  for (const [index, tMs] of table.times.entries()) {
    const lag = lags?.values[index] ?? Number.NaN
    growth = trend.observe('', tMs, Number.isNaN(lag) ? null : lag)
  }
  return growth
}
