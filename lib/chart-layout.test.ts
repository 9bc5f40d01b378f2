import { expect, test } from 'vitest'
import {
  lineAdded,
  moved,
  parseLayout,
  renamed,
  resized,
  serializeLayout,
  withoutPin,
  withPin,
} from './chart-layout.ts'

test('a layout survives the address, sizes and pinned attributes included', () => {
  const text = 'bytes-in,cpu~2,p3.4~3'
  const charts = parseLayout(text)
  expect(charts).toEqual([
    { id: 'bytes-in', size: 1 },
    { id: 'cpu', size: 2 },
    { id: 'p3.4', size: 3 },
  ])
  expect(serializeLayout(charts ?? [])).toBe(text)
})

test('what is no chart is left out of an address', () => {
  expect(parseLayout('cpu~9,../../etc,p1.,heap')).toEqual([{ id: 'heap', size: 1 }])
  expect(parseLayout('')).toBeNull()
  expect(parseLayout(Array.from({ length: 300 }, (_, i) => `c${i}`).join(','))?.length).toBe(200)
})

test('charts change places and sizes within bounds', () => {
  const charts = parseLayout('a,b,c') ?? []
  expect(serializeLayout(moved(charts, 'a', 1))).toBe('b,a,c')
  expect(serializeLayout(moved(charts, 'c', 5))).toBe('a,b,c')
  expect(serializeLayout(moved(charts, 'a', -1))).toBe('a,b,c')
  expect(serializeLayout(resized(resized(resized(charts, 'b', 1), 'b', 1), 'b', 1))).toBe('a,b~3,c')
  expect(serializeLayout(resized(charts, 'b', -1))).toBe('a,b,c')
})

test('a chart of one’s own gets lines, loses them and carries a name', () => {
  let charts = parseLayout('cpu,p3') ?? []
  charts = withPin(charts, 'p3', 'p4')
  charts = withPin(charts, 'p3.4', 'p4')
  expect(serializeLayout(charts)).toBe('cpu,p3.4')
  charts = renamed(charts, 'p3.4', 'Heap, 100% ~ GC')
  const text = serializeLayout(charts)
  expect(text).toBe('cpu,p3.4~1~Heap%2C 100%25 ~ GC')
  expect(parseLayout(text)).toEqual(charts)
  charts = withoutPin(charts, 'p3.4', 'p3')
  expect(charts[1]).toEqual({ id: 'p4', size: 1, title: 'Heap, 100% ~ GC' })
  expect(serializeLayout(renamed(charts, 'p4', '  '))).toBe('cpu,p4')
  expect(serializeLayout(withoutPin(charts, 'p4', 'p4'))).toBe('cpu')
})

test('the next pin goes where the last one went, also beside a chart with the same lines', () => {
  expect(lineAdded('p3', 'p5')).toBe('p3.5')
  expect(lineAdded('p3.4', 'p4')).toBe('p3.4')
  const full = 'p1.2.3.4.5.6.7.8'
  expect(lineAdded(full, 'p9')).toBe(full)
  const charts = withPin(parseLayout('p3.4,p3') ?? [], 'p3', 'p5')
  expect(charts.map(({ id }) => id)).toEqual(['p3.4', lineAdded('p3', 'p5')])
})

test('a chart has no more than eight lines, a page no chart twice', () => {
  const full = parseLayout('p1.2.3.4.5.6.7.8') ?? []
  expect(withPin(full, 'p1.2.3.4.5.6.7.8', 'p9')).toEqual(full)
  expect(serializeLayout(parseLayout('cpu,p1,cpu~2') ?? [])).toBe('cpu,p1')
  expect(serializeLayout(withPin(parseLayout('p1.2,p1') ?? [], 'p1', 'p2'))).toBe('p1.2')
})
