import { clusterOf } from '../clusters/registry.ts'
import { type Inventory, InventoryBuilder } from '../collector/inventory.ts'
import { MessageCount } from '../collector/message-count.ts'
import type { Reading } from '../collector/reading.ts'
import { samplesOf } from '../collector/samples.ts'
import { TopicTraffic } from '../collector/topic-traffic.ts'
import { database } from '../db/client.ts'
import { EventRecorder } from '../events/recorder.ts'
import { SampleStore } from '../metrics/store.ts'

/** How long after the last reading the cluster was read again, so that what was is settled. */
const SETTLED_MS = 600_000

/** What the collector keeps of these readings, by its own code; gives the inventory of each as it was written. */
export async function recordCycles(
  clusterId: string,
  readings: readonly Reading[],
  intervalMs: number,
): Promise<Inventory[]> {
  const db = await database()
  const cluster = clusterOf(clusterId)
  const known = { brokers: [], snapshot: null, groupKeys: new Map() }
  const builder = new InventoryBuilder(cluster, known)
  const recorder = await EventRecorder.open(db, cluster, { read: async () => new Map() })
  const store = await SampleStore.open(db, clusterId, readings[0]?.tMs ?? 0)
  const [messages, traffic] = [new MessageCount(), new TopicTraffic()]
  const inventories: Inventory[] = []
  for (const reading of readings) {
    const inventory = builder.build(reading, intervalMs)
    // As it was written, not as it goes on to be.
    inventories.push(structuredClone(inventory))
    await recorder.observe(reading, inventory)
    const messagesIn = messages.observe(reading)
    const built = { inventory, traffic: traffic.observe(reading), messagesIn }
    await store.append(samplesOf(clusterId, reading, built))
  }
  await store.close()
  const asOf = BigInt((readings.at(-1)?.tMs ?? 0) + SETTLED_MS)
  await db.clusterInventory.create({ data: { clusterId, asOf, data: 'null' } })
  return inventories
}
