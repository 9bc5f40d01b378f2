import type { BrokerItemRow, ClusterSnapshot, GroupDetailRow } from '../clusters/snapshot.ts'
import { isrRankOf } from '../clusters/snapshot.ts'
import type { Database } from '../db/client.ts'
import type { GroupRow, Inventory, TopicRow } from './inventory.ts'

const ROWS_PER_STATEMENT = 2_000

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
    await this.#writeTopics(inventory.topics)
    await this.#writeGroups(inventory.groups)
    await this.#writeBrokers(inventory.brokers)
    await this.#markGone('TopicInventory', 'topicKey', this.#topics, {
      present: new Set(inventory.topics.map((row) => row.topicKey)),
      atMs: options.asOfMs,
    })
    await this.#markGone('BrokerInventory', 'brokerId', this.#brokers, {
      present: new Set(inventory.brokers.map((row) => row.id)),
      atMs: options.asOfMs,
    })
    if (options.isGroupListComplete) {
      await this.#markGone('GroupInventory', 'groupId', this.#groups, {
        present: new Set(inventory.groups.map((row) => row.item.id)),
        atMs: options.asOfMs,
      })
    }
    await this.#db.$executeRawUnsafe(
      `INSERT INTO ClusterInventory (clusterId, asOf, error, data) VALUES (?, ?, NULL, ?)
       ON CONFLICT (clusterId) DO UPDATE
       SET asOf = excluded.asOf, error = NULL, data = excluded.data`,
      this.#clusterId,
      options.asOfMs,
      JSON.stringify(inventory.snapshot),
    )
  }

  /** The cluster gave no answer: what is known stays, with its age, and all brokers are offline. */
  async writeUnreachable(error: string, nowMs: number): Promise<void> {
    await this.#db.$executeRawUnsafe(
      `INSERT INTO ClusterInventory (clusterId, asOf, error, data) VALUES (?, NULL, ?, 'null')
       ON CONFLICT (clusterId) DO UPDATE SET error = excluded.error`,
      this.#clusterId,
      error,
    )
    await this.#db.$executeRawUnsafe(
      `UPDATE BrokerInventory SET item = json_set(item, '$.isOnline', json('false'),
         '$.isController', json('false'), '$.metricsMissing', 'offline',
         '$.offlineSince', coalesce(item->>'$.offlineSince', ?))
       WHERE clusterId = ? AND deletedAt IS NULL AND item->>'$.isOnline' = 1`,
      nowMs,
      this.#clusterId,
    )
    this.#brokers.forEach((_, brokerId) => {
      this.#brokers.set(brokerId, '')
    })
  }

  /** Rows of topics and groups that are gone, once their samples are too. */
  async prune(beforeMs: number): Promise<void> {
    for (const table of ['TopicInventory', 'GroupInventory']) {
      await this.#db.$executeRawUnsafe(
        `DELETE FROM ${table} WHERE clusterId = ? AND deletedAt < ?`,
        this.#clusterId,
        beforeMs,
      )
    }
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
    await this.#upsert(UPSERT_TOPICS, changed)
  }

  async #writeGroups(rows: readonly GroupRow[]): Promise<void> {
    const changed = changedRows(rows, this.#groups, ({ item, detail }) => {
      const form = [
        item.id,
        item.state,
        item.coordinator,
        item.members,
        item.totalLag,
        JSON.stringify(item),
        JSON.stringify(detail),
      ]
      return [item.id, form]
    })
    await this.#upsert(UPSERT_GROUPS, changed)
  }

  async #writeBrokers(rows: readonly BrokerItemRow[]): Promise<void> {
    const changed = changedRows(rows, this.#brokers, (item) => [
      item.id,
      [item.id, JSON.stringify(item)],
    ])
    await this.#upsert(UPSERT_BROKERS, changed)
  }

  async #upsert(sql: string, rows: readonly string[]): Promise<void> {
    for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
      const chunk = `[${rows.slice(i, i + ROWS_PER_STATEMENT).join(',')}]`
      await this.#db.$executeRawUnsafe(sql, this.#clusterId, chunk)
    }
  }

  async #markGone<K extends string | number>(
    table: string,
    column: string,
    written: Map<K, string>,
    now: { present: ReadonlySet<K>; atMs: number },
  ): Promise<void> {
    const gone = [...written.keys()].filter((key) => !now.present.has(key))
    if (gone.length === 0) return
    await this.#db.$executeRawUnsafe(
      `UPDATE ${table} SET deletedAt = ? WHERE clusterId = ? AND deletedAt IS NULL
       AND ${column} IN (SELECT value FROM json_each(?))`,
      now.atMs,
      this.#clusterId,
      JSON.stringify(gone),
    )
    for (const key of gone) written.delete(key)
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

const UPSERT_TOPICS = `
  INSERT INTO TopicInventory (clusterId, topicKey, name, isInternal, partitions, replicationFactor,
    isrRank, offsetSpan, sizeBytes, messagesInRate, bytesInRate, item, detail, deletedAt)
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7,
    value->>8, value->>9, value->>10, value->>11, NULL
  FROM json_each(?) WHERE true
  ON CONFLICT (clusterId, topicKey) DO UPDATE SET name = excluded.name,
    isInternal = excluded.isInternal, partitions = excluded.partitions,
    replicationFactor = excluded.replicationFactor, isrRank = excluded.isrRank,
    offsetSpan = excluded.offsetSpan, sizeBytes = excluded.sizeBytes,
    messagesInRate = excluded.messagesInRate, bytesInRate = excluded.bytesInRate,
    item = excluded.item, detail = excluded.detail, deletedAt = NULL`

const UPSERT_GROUPS = `
  INSERT INTO GroupInventory (clusterId, groupId, state, coordinator, members, totalLag, item,
    detail, deletedAt)
  SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, NULL
  FROM json_each(?) WHERE true
  ON CONFLICT (clusterId, groupId) DO UPDATE SET state = excluded.state,
    coordinator = excluded.coordinator, members = excluded.members,
    totalLag = excluded.totalLag, item = excluded.item, detail = excluded.detail, deletedAt = NULL`

const UPSERT_BROKERS = `
  INSERT INTO BrokerInventory (clusterId, brokerId, item, deletedAt)
  SELECT ?, value->>0, value->>1, NULL
  FROM json_each(?) WHERE true
  ON CONFLICT (clusterId, brokerId) DO UPDATE SET item = excluded.item, deletedAt = NULL`
