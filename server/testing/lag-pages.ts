// Asks what pages ask, one after the other, for as long as the parent process is there: run beside a collector, it
// tells whether pages wait for it.

import { setTimeout as sleep } from 'node:timers/promises'
import { getOverview } from '../clusters/overview.ts'
import { systemContext } from '../context.ts'
import { closeDatabase } from '../db/client.ts'
import { listGroups } from '../groups/list.ts'
import { getLagHeatMap } from '../lag/heat-map.ts'
import { listTopics } from '../topics/list.ts'

export interface PageAnswer {
  readonly title: string
  /** Epoch ms by the clock that performance.timeOrigin starts. */
  readonly fromMs: number
  readonly toMs: number
  readonly cpuMs: number
}

const CLUSTER = 'embedded'
const LIST_MS = 50
const PAGE_MS = 150
const PAUSE_MS = 20
const ctx = systemContext()
const page = { cluster: CLUSTER, page: 1, pageSize: 100 } as const

/** Bounds as in console-load.ts. */
export const PAGES: readonly { title: string; boundMs: number; ask: () => Promise<unknown> }[] = [
  {
    title: 'topics, by rate',
    boundMs: LIST_MS,
    ask: () => listTopics({ ctx, input: { ...page, sort: '-messagesInRate', internal: false } }),
  },
  {
    title: 'groups, by lag in time',
    boundMs: LIST_MS,
    ask: () => listGroups({ ctx, input: { ...page, sort: '-lagTime' } }),
  },
  {
    title: 'lag heat map, every group',
    boundMs: PAGE_MS,
    ask: () =>
      getLagHeatMap({
        ctx,
        input: { cluster: CLUSTER, measure: 'seconds', columns: 120, sort: 'worst' },
      }),
  },
  {
    title: 'overview',
    boundMs: PAGE_MS,
    ask: () => getOverview({ ctx, input: { cluster: CLUSTER } }),
  },
]

export async function askPages(): Promise<void> {
  let isOver = false
  process.once('disconnect', () => {
    isOver = true
  })
  while (!isOver) {
    for (const { title, ask } of PAGES) {
      const fromMs = performance.timeOrigin + performance.now()
      const before = process.cpuUsage()
      await ask()
      const { user, system } = process.cpuUsage(before)
      const toMs = performance.timeOrigin + performance.now()
      const answer: PageAnswer = { title, fromMs, toMs, cpuMs: (user + system) / 1_000 }
      // Refused where the parent has just gone: the loop ends then.
      process.send?.(answer, undefined, {}, () => undefined)
      await sleep(PAUSE_MS)
    }
  }
  await closeDatabase()
}
