import type { BrokerItemRow, ClusterSnapshot, GroupDetailRow } from '../clusters/snapshot.ts'
import { isrRankOf } from '../clusters/snapshot.ts'
import type { Database } from '../db/client.ts'
import { fitsKey, type RowTarget, upsertRows } from '../db/rows.ts'
import { lagMsOf } from '../lag/lag-time.ts'
import { rankOf } from '../lag/verdict.ts'
import type { GroupRow, Inventory, TopicRow } from './inventory.ts'

/** Keys in one condition. */
const KEYS_PER_STATEMENT = 500

/** Writes what changed since the last cycle: one statement for many rows, deleted ones marked. */
export class InventoryWriter {
  readonly #db: Database
  readonly #clusterId: string
  /** Row key → its last written form. */
  readonly #topics = new Map<string, string>()
  readonly #groups = new Map<string, string>()
  readonly #brokers = new Map<number, string>()

  private constructor(db: Database, clusterId: string) {
    this.#db = db
    this.#clusterId = clusterId
  }

  /** Takes over what an earlier process wrote, so that what has gone since is noticed. */
  static async open(
    db: Database,
    clusterId: string,
  ): Promise<{
    writer: InventoryWriter
    snapshot: ClusterSnapshot | null
    brokers: BrokerItemRow[]
    groupKeys: Map<string, Readonly<Record<string, string>>>
  }> {
    const writer = new InventoryWriter(db, clusterId)
    const alive = { clusterId, deletedAt: null }
    const [cluster, topics, groups, brokers] = await Promise.all([
      db.clusterInventory.findUnique({ where: { clusterId } }),
      db.topicInventory.findMany({ where: alive, select: { topicKey: true } }),
      db.groupInventory.findMany({ where: { clusterId } }),
      db.brokerInventory.findMany({ where: alive }),
    ])
    for (const { topicKey } of topics) writer.#topics.set(topicKey, '')
    for (const group of groups) if (group.deletedAt === null) writer.#groups.set(group.groupId, '')
    for (const { brokerId } of brokers) writer.#brokers.set(brokerId, '')
    return {
      writer,
      // Safe because this class alone writes these columns, in these shapes.
      snapshot: cluster === null ? null : (JSON.parse(cluster.data) as ClusterSnapshot | null),
      brokers: brokers.map((row) => JSON.parse(row.item) as BrokerItemRow),
      groupKeys: new Map(
        groups.map((row) => [row.groupId, (JSON.parse(row.detail) as GroupDetailRow).topicKeys]),
      ),
    }
  }

  async write(
    inventory: Inventory,
    options: { asOfMs: number; isGroupListComplete: boolean },
  ): Promise<void> {
    try {
      await this.#writeTopics(inventory.topics)
      await this.#writeGroups(inventory.groups)
      await this.#writeBrokers(inventory.brokers)
    } catch (cause) {
      // Which rows arrived is not known: all are written again.
      for (const written of [this.#topics, this.#groups, this.#brokers] as Map<unknown, string>[])
        for (const key of written.keys()) written.set(key, '')
      throw cause
    }
    await this.#markAllGone(inventory, options)
    const { snapshot } = inventory
    const row = { asOf: BigInt(options.asOfMs), error: null, data: JSON.stringify(snapshot) }
    await this.#writeCluster(row, row)
  }

  /** The cluster gave no answer: what is known stays, with its age, and all brokers are offline. */
  async writeUnreachable(error: string, nowMs: number): Promise<void> {
    await this.#writeCluster({ asOf: null, error, data: 'null' }, { error })
    const known = await this.#db.brokerInventory.findMany({
      where: { clusterId: this.#clusterId, deletedAt: null },
    })
    const changed = known.flatMap((row) => {
      // Safe because this class alone writes the column, in this shape.
      const item = JSON.parse(row.item) as BrokerItemRow
      if (!item.isOnline) return []
      const offlineSince = item.offlineSince ?? nowMs
      const isOffline = { isOnline: false, isController: false, metricsMissing: 'offline' } as const
      return [
        JSON.stringify([row.brokerId, JSON.stringify({ ...item, ...isOffline, offlineSince })]),
      ]
    })
    await this.#upsert(BROKERS, changed)
    this.#brokers.forEach((_, brokerId) => {
      this.#brokers.set(brokerId, '')
    })
  }

  async #writeCluster(
    create: { asOf: bigint | null; error: string | null; data: string },
    update: Partial<typeof create>,
  ): Promise<void> {
    const clusterId = this.#clusterId
    const where = { clusterId }
    await this.#db.clusterInventory.upsert({ where, create: { clusterId, ...create }, update })
  }

  /** Rows of topics and groups that are gone, once their samples are too. */
  async prune(beforeMs: number): Promise<void> {
    const where = { clusterId: this.#clusterId, deletedAt: { lt: BigInt(beforeMs) } }
    await this.#db.topicInventory.deleteMany({ where })
    await this.#db.groupInventory.deleteMany({ where })
  }

  async #writeTopics(rows: readonly TopicRow[]): Promise<void> {
    const changed = changedRows(rows, this.#topics, ({ topicKey, item, detail }) => {
      const form = [
        topicKey,
        item.name,
        item.isInternal ? 1 : 0,
        item.partitions,
        item.replicationFactor,
        isrRankOf(item.isr),
        item.offsetSpan,
        item.sizeBytes,
        item.messagesInRate,
        item.bytesInRate,
        JSON.stringify(item),
        JSON.stringify(detail),
      ]
      return [topicKey, form]
    })
    await this.#upsert(TOPICS, changed)
  }

  async #writeGroups(rows: readonly GroupRow[]): Promise<void> {
    const fitting = rows.filter(({ item }) => fitsKey(this.#db, item.id))
    const changed = changedRows(fitting, this.#groups, ({ item, detail }) => {
      const form = [
        item.id,
        item.state,
        item.coordinator,
        item.members,
        item.totalLag,
        item.lagTime && lagMsOf(item.lagTime),
        rankOf(item.worst?.verdict ?? null),
        JSON.stringify(item),
        JSON.stringify(detail),
      ]
      return [item.id, form]
    })
    await this.#upsert(GROUPS, changed)
  }

  async #writeBrokers(rows: readonly BrokerItemRow[]): Promise<void> {
    const changed = changedRows(rows, this.#brokers, (item) => [
      item.id,
      [item.id, JSON.stringify(item)],
    ])
    await this.#upsert(BROKERS, changed)
  }

  async #upsert(target: Omit<RowTarget, 'same'>, rows: readonly string[]): Promise<void> {
    await upsertRows(this.#db, { ...target, same: { clusterId: this.#clusterId } }, rows)
  }

  async #markAllGone(
    inventory: Inventory,
    options: { asOfMs: number; isGroupListComplete: boolean },
  ): Promise<void> {
    const alive = { clusterId: this.#clusterId, deletedAt: null }
    const data = { deletedAt: BigInt(options.asOfMs) }
    const topics = new Set(inventory.topics.map((row) => row.topicKey))
    await this.#markGone(this.#topics, topics, (keys) =>
      this.#db.topicInventory.updateMany({ where: { ...alive, topicKey: { in: keys } }, data }),
    )
    const brokers = new Set(inventory.brokers.map((row) => row.id))
    await this.#markGone(this.#brokers, brokers, (keys) =>
      this.#db.brokerInventory.updateMany({ where: { ...alive, brokerId: { in: keys } }, data }),
    )
    if (!options.isGroupListComplete) return
    const groups = new Set(inventory.groups.map((row) => row.item.id))
    await this.#markGone(this.#groups, groups, (keys) =>
      this.#db.groupInventory.updateMany({ where: { ...alive, groupId: { in: keys } }, data }),
    )
  }

  async #markGone<K extends string | number>(
    written: Map<K, string>,
    present: ReadonlySet<K>,
    mark: (keys: K[]) => Promise<unknown>,
  ): Promise<void> {
    const gone = [...written.keys()].filter((key) => !present.has(key))
    for (let i = 0; i < gone.length; i += KEYS_PER_STATEMENT) {
      const keys = gone.slice(i, i + KEYS_PER_STATEMENT)
      await mark(keys)
      for (const key of keys) written.delete(key)
    }
  }
}

function changedRows<T, K>(
  rows: readonly T[],
  written: Map<K, string>,
  formOf: (row: T) => [K, unknown[]],
): string[] {
  const changed: string[] = []
  for (const row of rows) {
    const [key, form] = formOf(row)
    const text = JSON.stringify(form)
    if (written.get(key) === text) continue
    written.set(key, text)
    changed.push(text)
  }
  return changed
}

const TOPICS: Omit<RowTarget, 'same'> = {
  table: 'TopicInventory',
  key: ['clusterId', 'topicKey'],
  columns: {
    topicKey: 'text',
    name: 'text',
    isInternal: 'boolean',
    partitions: 'integer',
    replicationFactor: 'integer',
    isrRank: 'integer',
    offsetSpan: 'float',
    sizeBytes: 'float',
    messagesInRate: 'float',
    bytesInRate: 'float',
    item: 'text',
    detail: 'text',
  },
  cleared: ['deletedAt'],
}

const GROUPS: Omit<RowTarget, 'same'> = {
  table: 'GroupInventory',
  key: ['clusterId', 'groupId'],
  columns: {
    groupId: 'text',
    state: 'text',
    coordinator: 'integer',
    members: 'integer',
    totalLag: 'float',
    lagMs: 'float',
    verdictRank: 'integer',
    item: 'text',
    detail: 'text',
  },
  cleared: ['deletedAt'],
}

const BROKERS: Omit<RowTarget, 'same'> = {
  table: 'BrokerInventory',
  key: ['clusterId', 'brokerId'],
  columns: { brokerId: 'integer', item: 'text' },
  cleared: ['deletedAt'],
}
