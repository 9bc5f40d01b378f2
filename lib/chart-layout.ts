/** A chart of a page, how many columns it takes, and its name where it was given one. */
export type PlacedChart = {
  readonly id: string
  readonly size: number
  readonly title?: string | undefined
}

/** A chart of the catalogue, or up to eight pinned attributes: `p3.4`. Size and name may follow. */
const CHART = /^([a-z][a-z0-9-]*|p\d{1,6}(?:\.\d{1,6}){0,7})(?:~([123])(?:~(.+))?)?$/
const OWN = /^p\d/
const CHARTS_MAX = 200
/** Pinned attributes in one chart. */
export const LINES_MAX = 8
export const CHART_TITLE_CHARS_MAX = 60

/** What would end a name within the address. */
const escapeTitle = (title: string): string => title.replace(/[%,]/g, encodeURIComponent)

const unescapeTitle = (text: string): string =>
  text
    .replace(/%(25|2C)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .trim()
    .slice(0, CHART_TITLE_CHARS_MAX)

/** The first of two that are the same: a page has a chart once. */
const once = (charts: readonly PlacedChart[]): PlacedChart[] => {
  const ids = new Set<string>()
  return charts.filter(({ id }) => !ids.has(id) && ids.add(id))
}

/** `bytes-in,cpu~2,p3.4~1~Heap and GC`; what is no chart is left out. Null: nothing is left. */
export const parseLayout = (text: string): PlacedChart[] | null => {
  const placed = text.split(',').flatMap((part): PlacedChart[] => {
    const match = CHART.exec(part)
    if (!match?.[1]) return []
    const title = unescapeTitle(match[3] ?? '')
    return [{ id: match[1], size: Number(match[2] ?? 1), ...(title === '' ? {} : { title }) }]
  })
  return placed.length === 0 ? null : once(placed).slice(0, CHARTS_MAX)
}

const partOf = ({ id, size, title }: PlacedChart): string => {
  if (title !== undefined) return `${id}~${size}~${escapeTitle(title)}`
  return size === 1 ? id : `${id}~${size}`
}

export const serializeLayout = (charts: readonly PlacedChart[]): string =>
  charts.map(partOf).join(',')

/** The chart `by` places further on, no further than the ends. */
export const moved = (charts: readonly PlacedChart[], id: string, by: number): PlacedChart[] => {
  const from = charts.findIndex((one) => one.id === id)
  const chart = charts[from]
  if (!chart) return [...charts]
  const rest = charts.filter((one) => one !== chart)
  const to = Math.min(rest.length, Math.max(0, from + by))
  return [...rest.slice(0, to), chart, ...rest.slice(to)]
}

const changed = (
  charts: readonly PlacedChart[],
  id: string,
  change: (chart: PlacedChart) => PlacedChart,
): PlacedChart[] => once(charts.map((one) => (one.id === id ? change(one) : one)))

export const resized = (charts: readonly PlacedChart[], id: string, by: number): PlacedChart[] =>
  changed(charts, id, (one) => ({ ...one, size: Math.min(3, Math.max(1, one.size + by)) }))

/** An empty name takes away the one it has. */
export const renamed = (charts: readonly PlacedChart[], id: string, name: string): PlacedChart[] =>
  changed(charts, id, ({ title: _, ...one }) => {
    const title = name.slice(0, CHART_TITLE_CHARS_MAX)
    return title.trim() === '' ? one : { ...one, title }
  })

/** The pins that a chart of one's own draws: `p3.4` has `p3` and `p4`. */
export const pinsOf = (id: string): string[] =>
  OWN.test(id)
    ? id
        .slice(1)
        .split('.')
        .map((slot) => `p${slot}`)
    : []

const ofPins = (pins: readonly string[]): string => `p${pins.map((pin) => pin.slice(1)).join('.')}`

/** The id of a chart of one's own with one more line; unchanged where it has it or has eight. */
export const lineAdded = (id: string, pin: string): string => {
  const pins = pinsOf(id)
  return pins.includes(pin) || pins.length >= LINES_MAX ? id : ofPins([...pins, pin])
}

export const withPin = (charts: readonly PlacedChart[], id: string, pin: string): PlacedChart[] =>
  changed(charts, id, (one) => ({ ...one, id: lineAdded(id, pin) }))

/** One line less; the last one takes the chart with it. */
export const withoutPin = (
  charts: readonly PlacedChart[],
  id: string,
  pin: string,
): PlacedChart[] => {
  const left = pinsOf(id).filter((one) => one !== pin)
  if (left.length === 0) return charts.filter((one) => one.id !== id)
  return changed(charts, id, (one) => ({ ...one, id: ofPins(left) }))
}
