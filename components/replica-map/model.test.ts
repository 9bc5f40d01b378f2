import { describe, expect, test } from 'vitest'
import { hitCell, mapLayout } from './layout.ts'
import { foldCell, markChanges, partitionCell, partitionColumns, summarize } from './model.ts'

const brokers = [
  { broker: 1, isOnline: true },
  { broker: 2, isOnline: true },
  { broker: 3, isOnline: false },
]
const [one, two, three] = brokers as [
  { broker: number; isOnline: boolean },
  { broker: number; isOnline: boolean },
  { broker: number; isOnline: boolean },
]

const partition = { partition: 0, leader: 1, replicas: [2, 1, 3], isr: [1, 2] }

describe('partitionCell', () => {
  test('tells leader, in-sync follower and offline apart', () => {
    expect(partitionCell(partition, one).kind).toBe('leader')
    expect(partitionCell(partition, two).kind).toBe('in-sync')
    expect(partitionCell(partition, three).kind).toBe('offline')
  })

  test('a replica that is not in the ISR is out of sync', () => {
    expect(partitionCell({ ...partition, isr: [1] }, two).kind).toBe('out-of-sync')
  })

  test('a broker without a replica has no cell', () => {
    expect(partitionCell({ ...partition, replicas: [1, 2] }, three).kind).toBe('none')
  })

  test('the dot is on the preferred replica that does not lead, and only there', () => {
    expect(partitionCell(partition, two).isPreferredIdle).toBe(true)
    expect(partitionCell(partition, one).isPreferredIdle).toBe(false)
    expect(partitionCell({ ...partition, leader: 2 }, two).isPreferredIdle).toBe(false)
  })
})

describe('foldCell', () => {
  test('the worst shows, and the share of leaders fills', () => {
    const topic = [
      partition,
      { partition: 1, leader: 2, replicas: [2, 1], isr: [2] },
      { partition: 2, leader: 1, replicas: [1, 2], isr: [1, 2] },
    ]
    expect(foldCell(topic, one)).toMatchObject({ kind: 'out-of-sync', leaderShare: 2 / 3 })
    expect(foldCell(topic, three).kind).toBe('offline')
  })
})

describe('markChanges', () => {
  test('marks the cells that an election swaps and no others', () => {
    const before = partitionColumns([partition], brokers)
    const after = partitionColumns([{ ...partition, leader: 2 }], brokers)
    const marked = markChanges(after, before)[0]
    expect(marked?.cells.map((cell) => cell.isChanged)).toEqual([true, true, false])
  })
})

test('the summary counts cells', () => {
  expect(summarize([partition], brokers)).toEqual({
    leaders: 1,
    inSync: 2,
    outOfSync: 0,
    offline: 1,
    notPreferred: 1,
  })
})

describe('layout', () => {
  test('few columns get large cells, ten thousand still 8 px ones in bands', () => {
    expect(mapLayout({ width: 1000, columns: 6, brokers: 3, hasAxis: true }).cellPx).toBe(18)
    const many = mapLayout({ width: 1000, columns: 10_000, brokers: 3, hasAxis: false })
    expect(many.cellPx).toBe(8)
    expect(many.bands * many.columnsPerBand).toBeGreaterThanOrEqual(10_000)
  })

  test('a point finds its cell again, in every band', () => {
    const layout = mapLayout({ width: 400, columns: 100, brokers: 3, hasAxis: true })
    const size = { columns: 100, brokers: 3 }
    expect(layout.bands).toBeGreaterThan(1)
    const last = layout.columnsPerBand + 1
    const hit = hitCell(layout, { x: 76 + layout.pitchPx * 1.5, y: layout.bandPx + 10 + 2 }, size)
    expect(hit).toEqual({ column: last, row: 0 })
    expect(hitCell(layout, { x: 10, y: 2 }, size)).toBeNull()
  })
})
