import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { DataTableGrid } from './data-table-grid.tsx'

/** Rows as a table first draws them, before anything is known of its size. */
function firstDrawn(count: number): number {
  const rows = Array.from({ length: count }, (_, index) => ({ id: `r${index}`, row: index }))
  const columns = [{ id: 'number', header: 'Number', cell: (row: number) => `row ${row}` }]
  const state = { isLoading: false, isStale: false, skeletonRows: 6, active: -1 }
  const markup = renderToStaticMarkup(
    createElement(DataTableGrid<number>, { label: 'Numbers', rows, columns, ...state }),
  )
  return markup.match(/>row \d+</g)?.length ?? 0
}

test('a long table never draws all of its rows, not even at first', () => {
  expect(firstDrawn(200)).toBe(200)
  expect(firstDrawn(1_000)).toBeGreaterThan(20)
  expect(firstDrawn(1_000)).toBeLessThan(60)
})
