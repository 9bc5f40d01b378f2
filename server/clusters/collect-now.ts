import { setTimeout as sleep } from 'node:timers/promises'
import { database } from '../db/client.ts'

const WAIT_MS = 1_500
const POLL_MS = 50

/**
 * After a change: has the collector read the cluster now, and waits (at most 1.5 s) until the lists
 * show it. A collector that does not run delays nobody for longer.
 */
export async function collectNow(clusterId: string): Promise<void> {
  const db = await database()
  const wantedMs = Date.now()
  await db.watch.upsert({
    where: { clusterId },
    create: { clusterId, untilMs: 0n, wantedMs: BigInt(wantedMs) },
    update: { wantedMs: BigInt(wantedMs) },
  })
  while (Date.now() < wantedMs + WAIT_MS) {
    await sleep(POLL_MS)
    const where = { clusterId }
    const row = await db.clusterInventory.findUnique({ where, select: { asOf: true, error: true } })
    if (row?.error || Number(row?.asOf ?? 0) >= wantedMs) return
  }
}
