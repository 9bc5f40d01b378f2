// What must hold of a simulated run: while it goes on, and once all is healed.

import type { BrokerServer } from '../../broker/broker-server.ts'
import type { Log } from '../../broker/log/types.ts'
import { snapshotRecords } from '../../broker/metadata/snapshot.ts'
import { batchPositions, batchSizeBytes, isControlBatch } from '../../protocol/records/batch.ts'
import { readRecords } from '../../protocol/records/read.ts'
import type { Administrator } from './administrator.ts'
import type { SimulatedCluster } from './cluster.ts'
import type { OffsetCommitter } from './committer.ts'
import type { IdempotentProducer } from './producer.ts'
import type { Reader } from './reader.ts'

/** What was once seen, for a whole run: later sights must agree with it. */
export class Sights {
  /** Of a partition in one epoch: its leader. */
  readonly #leaders = new Map<string, number>()
  /** Of the metadata up to an offset: who had it, and all of it. */
  readonly #metadata = new Map<number, { id: number; text: string }>()

  look(cluster: SimulatedCluster): void {
    for (const [id, server] of cluster.servers) {
      this.#lookAtLeaders(cluster, id, server)
      this.#lookAtMetadata(cluster, id, server)
    }
  }

  /** No two brokers lead a partition in the same epoch. */
  #lookAtLeaders(cluster: SimulatedCluster, id: number, { parts }: BrokerServer): void {
    for (const view of parts.replicas.all()) {
      if (!view.isLeader) continue
      const key = `${view.topic}-${view.partition} epoch ${view.leaderEpoch}`
      const other = this.#leaders.get(key) ?? id
      if (other !== id) cluster.violations.push(`${key} is led by ${other} and ${id}`)
      this.#leaders.set(key, other)
    }
  }

  /** Whoever has applied as much sees the same. */
  #lookAtMetadata(cluster: SimulatedCluster, id: number, { parts }: BrokerServer): void {
    const { image } = parts.publisher
    const text = [...snapshotRecords(image)].map((record) => JSON.stringify(record)).join('\n')
    const other = this.#metadata.get(image.offset)
    if (other !== undefined && other.text !== text) {
      cluster.violations.push(`metadata of ${other.id} and ${id} differs at offset ${image.offset}`)
    }
    this.#metadata.set(image.offset, { id, text })
  }
}

interface Found {
  offset: number
  key: string
  value: string
}

async function readLog(log: Log, endOffset: number): Promise<{ records: Found[]; bytes: Buffer }> {
  const records: Found[] = []
  const pieces: Buffer[] = []
  let offset = log.logStartOffset
  while (offset < endOffset) {
    const read = await log.read({
      offset,
      maxBytes: 1 << 20,
      minOneBatch: true,
      endOffsetExclusive: endOffset,
    })
    if (read.nextOffset <= offset) break
    for (const at of batchPositions(read.records)) {
      const batch = read.records.subarray(at, at + batchSizeBytes(read.records, at))
      pieces.push(Buffer.from(batch))
      if (isControlBatch(batch, 0)) continue
      for (const record of await readRecords(batch)) {
        records.push({
          offset: record.offset,
          key: record.key?.toString('latin1') ?? '',
          value: record.value?.toString('latin1') ?? '',
        })
      }
    }
    offset = read.nextOffset
  }
  return { records, bytes: Buffer.concat(pieces) }
}

interface Replica {
  id: number
  bytes: Buffer
  records: Found[]
}

/** All replicas hold the same bytes below the high watermark; where each compacts for itself, the same records. */
export async function checkDivergence(cluster: SimulatedCluster): Promise<void> {
  const seen = new Map<string, Replica>()
  for (const [id, server] of cluster.servers) {
    for (const view of server.parts.replicas.all()) {
      if (view.log === null) continue
      const key = `${view.topic}-${view.partition}`
      const replica = { id, ...(await readLog(view.log, view.highWatermark)) }
      const other = seen.get(key)
      if (other === undefined) seen.set(key, replica)
      else if (view.log.config.cleanupCompact ? !agree(replica, other) : !areSame(replica, other)) {
        cluster.violations.push(`${key} differs below the high watermark on ${other.id} and ${id}`)
      }
    }
  }
}

function areSame(one: Replica, other: Replica): boolean {
  const common = Math.min(one.bytes.length, other.bytes.length)
  return one.bytes.subarray(0, common).equals(other.bytes.subarray(0, common))
}

/** What both still have is the same. */
function agree(one: Replica, other: Replica): boolean {
  const byOffset = new Map(other.records.map((record) => [record.offset, record]))
  return one.records.every((record) => {
    const same = byOffset.get(record.offset)
    return same === undefined || (same.key === record.key && same.value === record.value)
  })
}

/** Every acknowledged number once, in order, without gaps: loss, duplicates and order in one look. */
export async function checkProducer(
  cluster: SimulatedCluster,
  topic: string,
  producer: IdempotentProducer,
): Promise<void> {
  const { partition } = producer
  for (const [id, server] of cluster.servers) {
    const view = server.parts.replicas.get({ topic, partition })
    if (view?.log == null || !view.isLeader) continue
    const { records } = await readLog(view.log, view.highWatermark)
    const numbers = records.map((record) => Number(record.value.split(':')[1]))
    const wrong = numbers.findIndex((number, i) => number !== i)
    if (wrong >= 0) {
      cluster.violations.push(
        `${topic}-${partition} on ${id}: number ${numbers[wrong]} stands where ${wrong} belongs`,
      )
    }
    if (numbers.length < producer.acknowledged) {
      cluster.violations.push(
        `${topic}-${partition} on ${id}: ${producer.acknowledged} acknowledged, ${numbers.length} there`,
      )
    }
    return
  }
  cluster.violations.push(`${topic}-${partition} has no leader after all is healed`)
}

export function checkCommitter(
  cluster: SimulatedCluster,
  committer: OffsetCommitter,
  found: number,
): void {
  if (found < committer.committed || found > committer.attempted) {
    cluster.violations.push(
      `group ${committer.groupId} reads ${found}; ${committer.committed} was acknowledged, ` +
        `${committer.attempted} asked for`,
    )
  }
}

/** All brokers know of every topic and config that was acknowledged. */
export function checkAdministrator(
  cluster: SimulatedCluster,
  topic: string,
  administrator: Administrator,
): void {
  for (const [id, server] of cluster.servers) {
    const { image } = server.parts.publisher
    const wrong = administrator.contradictions(
      (name) => image.topicsByName.has(name),
      image.configs.get(`2:${topic}`)?.get('retention.ms'),
    )
    for (const what of wrong) cluster.violations.push(`the metadata of ${id} has no ${what}`)
  }
}

/** What a reader was given is still there: no more is acknowledged or read than the log holds. */
export function checkReader(
  cluster: SimulatedCluster,
  reader: Reader,
  producer: IdempotentProducer,
): void {
  if (reader.position <= producer.acknowledged) return
  cluster.violations.push(
    `partition ${reader.partition}: ${reader.position} were read, in the end there are ${producer.acknowledged}`,
  )
}
