import { cellAt, type MapLayout } from './layout.ts'
import type { MapColumn } from './model.ts'

export type MapPaths = {
  readonly boxes: string
  readonly fills: string
  readonly hatchBoxes: string
  readonly hatches: string
  readonly crosses: string
  readonly dots: string
  readonly changes: string
}

const box = (x: number, y: number, size: number): string =>
  `M${x + 0.5} ${y + 0.5}h${size - 1}v${size - 1}h${1 - size}Z`

const hatch = (x: number, y: number, size: number): string => {
  const s = size - 1
  const [l, t] = [x + 0.5, y + 0.5]
  return (
    `M${l} ${t + s}L${l + s} ${t}M${l} ${t + s / 2}L${l + s / 2} ${t}` +
    `M${l + s / 2} ${t + s}L${l + s} ${t + s / 2}`
  )
}

const cross = (x: number, y: number, size: number): string => {
  const inset = size * 0.2
  const [l, t, r, b] = [x + inset, y + inset, x + size - inset, y + size - inset]
  return `M${l} ${t}L${r} ${b}M${r} ${t}L${l} ${b}`
}

const dot = (x: number, y: number, size: number): string => {
  const radius = Math.max(1.5, size * 0.16)
  const [cx, cy] = [x + size / 2, y + size / 2]
  return `M${cx - radius} ${cy}a${radius} ${radius} 0 1 0 ${radius * 2} 0a${radius} ${radius} 0 1 0 ${-radius * 2} 0`
}

/** One path a shape for the whole map, so that ten thousand cells are seven elements. */
export const mapPaths = (columns: readonly MapColumn[], layout: MapLayout): MapPaths => {
  const size = layout.cellPx
  const out = {
    boxes: '',
    fills: '',
    hatchBoxes: '',
    hatches: '',
    crosses: '',
    dots: '',
    changes: '',
  }
  columns.forEach((column, at) => {
    column.cells.forEach((cell, row) => {
      if (cell.kind === 'none') return
      const { x, y } = cellAt(layout, at, row)
      if (cell.kind === 'offline') out.crosses += cross(x, y, size)
      else if (cell.kind === 'out-of-sync') {
        out.hatchBoxes += box(x, y, size)
        out.hatches += hatch(x, y, size)
      } else out.boxes += box(x, y, size)
      if (cell.leaderShare > 0 && cell.kind !== 'offline') {
        const height = Math.max(1.5, (size - 1) * cell.leaderShare)
        out.fills += `M${x + 0.5} ${y + size - 0.5}h${size - 1}v${-height}h${1 - size}Z`
      }
      if (cell.isPreferredIdle) out.dots += dot(x, y, size)
      if (cell.isChanged) out.changes += box(x - 1.5, y - 1.5, size + 3)
    })
  })
  return out
}
