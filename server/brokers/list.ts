import type { BrokerItem, ListBrokersInput, ListBrokersOutput } from '../../contracts/brokers.ts'
import { readBrokerInventory, readClusterInventory } from '../clusters/inventory.ts'
import { clusterOf } from '../clusters/registry.ts'
import type { BrokerItemRow } from '../clusters/snapshot.ts'
import type { ServiceContext } from '../context.ts'
import { listBrokersAsTheyWere } from '../events/brokers-as-they-were.ts'
import { type BrokerProcess, readBrokerProcesses } from './processes.ts'

/** From the inventory; the processes of our own brokers from the supervisor. */
export async function listBrokers({
  input,
}: {
  ctx: ServiceContext
  input: ListBrokersInput
}): Promise<ListBrokersOutput> {
  if (input.at !== undefined) return listBrokersAsTheyWere(input, input.at)
  const cluster = clusterOf(input.cluster)
  const [{ asOf }, rows, processes] = await Promise.all([
    readClusterInventory(cluster.id),
    readBrokerInventory(cluster.id),
    readBrokerProcesses(cluster),
  ])
  const items = rows.map((row) => brokerItemOf(row, processes.get(row.id) ?? null))
  return { items, total: items.length, asOf }
}

export function brokerItemOf(row: BrokerItemRow, process: BrokerProcess | null): BrokerItem {
  const { logDirs: _, ...item } = row
  return { ...item, process }
}
