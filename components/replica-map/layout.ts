/** Room for "Broker 1" at the left of the grid. */
export const LABEL_PX = 76
const CELL_SIZES = [18, 14, 12, 10] as const
const SMALLEST_PX = 8

export type MapLayout = {
  readonly labelPx: number
  readonly cellPx: number
  readonly pitchPx: number
  readonly columnsPerBand: number
  readonly bands: number
  readonly bandPx: number
  readonly width: number
  readonly height: number
}

const AXIS_PX = 16
const BAND_GAP_PX = 10

/** The largest cells with which all columns fit in one band; the smallest, in several bands, if none do. */
export const mapLayout = (options: {
  readonly width: number
  readonly columns: number
  readonly brokers: number
  readonly hasAxis: boolean
  readonly labelPx?: number
  readonly maxCellPx?: number
}): MapLayout => {
  const labelPx = options.labelPx ?? LABEL_PX
  const room = Math.max(16, options.width - labelPx)
  const maxCellPx = options.maxCellPx ?? CELL_SIZES[0]
  const fits = CELL_SIZES.find((size) => size <= maxCellPx && options.columns * (size + 3) <= room)
  const cellPx = fits ?? SMALLEST_PX
  const pitchPx = cellPx + (fits === undefined ? 2 : 3)
  const columnsPerBand = Math.max(1, Math.min(options.columns, Math.floor(room / pitchPx)))
  const bands = Math.max(1, Math.ceil(options.columns / columnsPerBand))
  const bandPx = options.brokers * pitchPx + (options.hasAxis ? AXIS_PX : 0)
  return {
    labelPx,
    cellPx,
    pitchPx,
    columnsPerBand,
    bands,
    bandPx,
    width: options.width,
    height: bands * bandPx + (bands - 1) * BAND_GAP_PX,
  }
}

export const cellAt = (
  layout: MapLayout,
  column: number,
  row: number,
): { readonly x: number; readonly y: number } => {
  const band = Math.floor(column / layout.columnsPerBand)
  return {
    x: layout.labelPx + (column % layout.columnsPerBand) * layout.pitchPx,
    y: band * (layout.bandPx + BAND_GAP_PX) + row * layout.pitchPx,
  }
}

const bandTop = (layout: MapLayout, band: number): number => band * (layout.bandPx + BAND_GAP_PX)

/** The column and row under a point, or null between them. */
export const hitCell = (
  layout: MapLayout,
  point: { readonly x: number; readonly y: number },
  size: { readonly columns: number; readonly brokers: number },
): { readonly column: number; readonly row: number } | null => {
  const band = Math.floor(point.y / (layout.bandPx + BAND_GAP_PX))
  const inBand = Math.floor((point.x - layout.labelPx) / layout.pitchPx)
  const row = Math.floor((point.y - bandTop(layout, band)) / layout.pitchPx)
  const column = band * layout.columnsPerBand + inBand
  const isInside =
    inBand >= 0 &&
    inBand < layout.columnsPerBand &&
    band >= 0 &&
    column < size.columns &&
    row >= 0 &&
    row < size.brokers
  return isInside ? { column, row } : null
}

/** Every how many columns a number fits under the grid. */
export const axisEvery = (layout: MapLayout): number =>
  layout.pitchPx >= 17 ? 1 : layout.pitchPx >= 13 ? 2 : 5

export const bandTops = (layout: MapLayout): readonly number[] =>
  Array.from({ length: layout.bands }, (_, band) => bandTop(layout, band))
