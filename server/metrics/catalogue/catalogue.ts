import {
  CONTROLLER_CHARTS,
  GROUP_CHARTS,
  QUORUM_CHARTS,
  TRANSACTION_CHARTS,
} from './coordination.ts'
import { LOG_CHARTS, PROCESS_CHARTS } from './process.ts'
import { REQUEST_CHARTS } from './requests.ts'
import { REPLICATION_CHARTS, SATURATION_CHARTS, THROUGHPUT_CHARTS } from './server.ts'
import { type BeanSeries, type CatalogueChart, isStored } from './types.ts'

/** Every chart, in the order of the page. */
export const CATALOGUE: readonly CatalogueChart[] = [
  ...THROUGHPUT_CHARTS,
  ...REQUEST_CHARTS,
  ...SATURATION_CHARTS,
  ...REPLICATION_CHARTS,
  ...LOG_CHARTS,
  ...CONTROLLER_CHARTS,
  ...QUORUM_CHARTS,
  ...GROUP_CHARTS,
  ...TRANSACTION_CHARTS,
  ...PROCESS_CHARTS,
]

const byId = new Map(CATALOGUE.map((chart) => [chart.id, chart]))

export function catalogueChart(id: string): CatalogueChart | null {
  return byId.get(id) ?? null
}

/** What the collector has to read so that every chart can be drawn: each attribute once. */
export function catalogueSeries(): BeanSeries[] {
  const found = new Map<string, BeanSeries>()
  for (const chart of CATALOGUE) {
    if (isStored(chart)) continue
    for (const { series, weight } of chart.lines) {
      for (const one of weight === undefined ? [series] : [series, weight]) {
        found.set(`${one.family}:${one.slot}`, one)
      }
    }
  }
  return [...found.values()]
}
