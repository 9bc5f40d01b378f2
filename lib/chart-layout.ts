/** A chart of a page and how many columns it takes. */
export type PlacedChart = { readonly id: string; readonly size: number }

/** A chart of the catalogue, or up to eight pinned attributes: `p3.4`. */
const CHART = /^([a-z][a-z0-9-]*|p\d{1,6}(?:\.\d{1,6}){0,7})(?:~([123]))?$/
const CHARTS_MAX = 200

/** `bytes-in,cpu~2,p3.4`; what is no chart is left out. Null: nothing is left. */
export const parseLayout = (text: string): PlacedChart[] | null => {
  const placed = text.split(',').flatMap((part): PlacedChart[] => {
    const match = CHART.exec(part)
    return match?.[1] ? [{ id: match[1], size: Number(match[2] ?? 1) }] : []
  })
  return placed.length === 0 ? null : placed.slice(0, CHARTS_MAX)
}

export const serializeLayout = (charts: readonly PlacedChart[]): string =>
  charts.map(({ id, size }) => (size === 1 ? id : `${id}~${size}`)).join(',')

/** The chart `by` places further on, no further than the ends. */
export const moved = (charts: readonly PlacedChart[], id: string, by: number): PlacedChart[] => {
  const from = charts.findIndex((one) => one.id === id)
  const chart = charts[from]
  if (!chart) return [...charts]
  const rest = charts.filter((one) => one !== chart)
  const to = Math.min(rest.length, Math.max(0, from + by))
  return [...rest.slice(0, to), chart, ...rest.slice(to)]
}

export const resized = (charts: readonly PlacedChart[], id: string, by: number): PlacedChart[] =>
  charts.map((one) => (one.id === id ? { id, size: Math.min(3, Math.max(1, one.size + by)) } : one))
