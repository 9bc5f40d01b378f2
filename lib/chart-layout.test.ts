import { expect, test } from 'vitest'
import { moved, parseLayout, resized, serializeLayout } from './chart-layout.ts'

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
