import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterOf } from '../clusters/registry.ts'
import { type GroupRow, InventoryBuilder } from '../collector/inventory.ts'
import type { GroupReading } from '../collector/reading.ts'
import { samplesOf } from '../collector/samples.ts'
import { systemContext } from '../context.ts'
import { closeDatabase, database } from '../db/client.ts'
import { getGroup } from '../groups/get.ts'
import { unpackedLag } from '../lag/packed.ts'
import { SampleStore } from '../metrics/store.ts'
import { fakeReading } from '../testing/reading.ts'
import { EventRecorder } from './recorder.ts'

const directory = mkdtempSync(join(tmpdir(), 'eyrie-test-'))
process.env.EYRIE_DATA_DIR = directory
process.env.EYRIE_CLUSTERS = 'k=127.0.0.1:9'
const MINUTE_MS = 60_000
const CYCLES = 8 * 60
const T = Date.now() - 10 * 3_600_000
const atOf = (cycle: number): number => T + cycle * MINUTE_MS

/** One partition is read as it comes but never caught up with, one nobody reads any more, one every half hour. */
const committedAt = (i: number): number[] => [
  9 * i,
  10 * Math.min(i, 30),
  10 * Math.floor(i / 30) * 30 - 1,
]

function groupAt(i: number): GroupReading {
  const at = committedAt(i).map((offset, partition) => [partition, { offset, metadata: null }])
  return {
    description: {
      ...{ groupId: 'g', type: 'classic', state: 'Empty', protocolType: 'consumer', protocol: '' },
      members: [],
    },
    coordinator: 1,
    offsets: new Map([['t', new Map(at as [number, { offset: number; metadata: null }][])]]),
  }
}

const then: GroupRow[] = []

beforeAll(async () => {
  const db = await database()
  const known = { brokers: [], snapshot: null, groupKeys: new Map() }
  const builder = new InventoryBuilder(clusterOf('k'), known)
  const recorder = await EventRecorder.open(db, clusterOf('k'), { read: async () => new Map() })
  const store = await SampleStore.open(db, 'k', T)
  for (let i = 0; i < CYCLES; i++) {
    const ends = [10 * i, 10 * i, 10 * i]
    const topics = [{ name: 't', partitions: [{}, {}, {}], ends }]
    const reading = fakeReading(atOf(i), { topics, groups: [groupAt(i)] })
    const inventory = builder.build(reading, MINUTE_MS)
    then.push(...structuredClone(inventory.groups))
    await recorder.observe(reading, inventory)
    await store.append(samplesOf('k', reading, { inventory, traffic: new Map(), messagesIn: 0 }))
  }
  await store.close()
  const asOf = BigInt(atOf(CYCLES) + 600_000)
  await db.clusterInventory.create({ data: { clusterId: 'k', asOf, data: 'null' } })
}, 120_000)
afterAll(async () => {
  await closeDatabase()
  rmSync(directory, { recursive: true, force: true })
})

async function both(cycle: number) {
  const input = { cluster: 'k', group: 'g', at: atOf(cycle) }
  const past = await getGroup({ ctx: systemContext(), input })
  const live = then[cycle] as GroupRow
  return { past, live, judged: (live.detail.lags ?? []).map((one) => unpackedLag(one)) }
}

test('ten commits are looked for hours back: a group that reads in batches, one that stopped', async () => {
  const { past, live, judged } = await both(300)
  expect(past.partitions.map(({ verdict }) => verdict)).toEqual(judged.map((one) => one?.verdict))
  expect(past.partitions.map(({ verdict }) => verdict?.verdict)).toEqual(['WARN', 'STOP', 'WARN'])
  const { verdict, cause, worst, flow, forecast } = live.item
  expect(past).toMatchObject({ verdict, cause, worst, flow, forecast })
})

test('a verdict that rests on older samples is not known; that of the group was sampled', async () => {
  const { past, live, judged } = await both(CYCLES - 1)
  expect(live.item).toMatchObject({ verdict: 'ERR', worst: { partition: 1, verdict: 'STOP' } })
  expect(past).toMatchObject({ verdict: 'ERR', cause: 'STOP', worst: null })
  expect(past.partitions.map(({ verdict }) => verdict)).toEqual([
    judged[0]?.verdict,
    null,
    judged[2]?.verdict,
  ])
})

test('a wait that began before what is looked at is found in the older samples, within the same bounds', async () => {
  for (const cycle of [100, 300, CYCLES - 1]) {
    const { past, judged } = await both(cycle)
    for (const [index, { lagTime }] of past.partitions.entries()) {
      const said = judged[index]?.lagTime
      if (lagTime === null || said == null) throw new Error('no time')
      expect(lagTime.estimateMs).not.toBeNull()
      expect(lagTime.atLeastMs).toBeLessThanOrEqual(said.atMostMs ?? 0)
      expect(lagTime.atMostMs ?? 0).toBeGreaterThanOrEqual(said.atLeastMs)
    }
  }
})
