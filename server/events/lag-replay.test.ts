import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GroupRow } from '../collector/inventory.ts'
import type { GroupReading } from '../collector/reading.ts'
import { systemContext } from '../context.ts'
import { closeDatabase } from '../db/client.ts'
import { getGroup } from '../groups/get.ts'
import { unpackedLag } from '../lag/packed.ts'
import { fakeReading } from '../testing/reading.ts'
import { recordCycles } from '../testing/record-cycles.ts'

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
  const readings = Array.from({ length: CYCLES }, (_, i) => {
    const topics = [{ name: 't', partitions: [{}, {}, {}], ends: [10 * i, 10 * i, 10 * i] }]
    return fakeReading(atOf(i), { topics, groups: [groupAt(i)] })
  })
  const inventories = await recordCycles('k', readings, MINUTE_MS)
  then.push(...inventories.flatMap((inventory) => inventory.groups))
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
