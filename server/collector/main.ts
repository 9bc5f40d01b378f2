import { monitorEventLoopDelay } from 'node:perf_hooks'
import { closeDatabase, type Database, database } from '../db/client.ts'
import { messageOf } from '../kafka/wire-error.ts'
import type { Attention } from './cluster-loop.ts'
import { ClusterSet } from './cluster-set.ts'

const TICK_MS = 500
const DELAY_REPORT_MS = 10 * 60_000

/** The collector's process: a loop per cluster; ends on SIGTERM, or when its parent is gone. */
async function main(): Promise<void> {
  const db = await database()
  const clusters = new ClusterSet(db)
  await clusters.reload()
  await clusters.settled()
  console.log(`${now()} collector: ${clusters.ids.join(', ') || 'nothing'}`)
  const stopWatchingDelay = reportEventLoopDelay()
  let isBusy = false
  const tick = async (): Promise<void> => {
    if (isBusy) return
    isBusy = true
    try {
      await clusters.tick(Date.now(), await readAttention(db))
    } catch (error) {
      console.error(`${now()} collector: ${messageOf(error)}`)
    } finally {
      isBusy = false
    }
  }
  const timer = setInterval(() => void tick(), TICK_MS)
  await tick()
  process.send?.({ type: 'ready' })
  await untilToldToEnd()
  clearInterval(timer)
  stopWatchingDelay()
  await clusters.close()
  await closeDatabase()
}

async function readAttention(db: Database): Promise<Map<string, Attention>> {
  const rows = await db.watch.findMany()
  return new Map(
    rows.map((row) => [
      row.clusterId,
      { untilMs: Number(row.untilMs), wantedMs: Number(row.wantedMs) },
    ]),
  )
}

/** A long delay means that cycles take too much of this process; the log says so. */
function reportEventLoopDelay(): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  const timer = setInterval(() => {
    const p99Ms = delay.percentile(99) / 1e6
    if (p99Ms > 200) console.log(`${now()} collector: event loop p99 ${p99Ms.toFixed(0)} ms`)
    delay.reset()
  }, DELAY_REPORT_MS)
  return () => {
    clearInterval(timer)
    delay.disable()
  }
}

function untilToldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve())
    process.once('SIGINT', () => resolve())
    process.once('disconnect', () => resolve())
  })
}

function now(): string {
  return new Date().toISOString()
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(`${now()} collector: ${error instanceof Error ? error.stack : String(error)}`)
    process.exit(1)
  },
)
