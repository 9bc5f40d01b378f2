import type { SeriesLook } from './colors.ts'
import type { ChartSeries } from './types.ts'

const quote = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

/** One line a time, one column a series; a gap is an empty cell. */
export const chartCsv = (series: readonly ChartSeries[]): string => {
  const times = new Map<number, (number | null)[]>()
  series.forEach((one, index) => {
    for (const point of one.points) {
      const cells = times.get(point.t) ?? series.map(() => null)
      cells[index] = point.value
      times.set(point.t, cells)
    }
  })
  const header = ['time', ...series.map((one) => quote(one.label ?? one.name))].join(',')
  const lines = [...times]
    .sort(([a], [b]) => a - b)
    .map(([t, cells]) => [new Date(t).toISOString(), ...cells.map((c) => c ?? '')].join(','))
  return `${[header, ...lines].join('\n')}\n`
}

export const saveAs = (name: string, content: Blob): void => {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

const PAINTED = [
  'fill',
  'stroke',
  'color',
  'font-family',
  'font-size',
  'text-anchor',
  'fill-opacity',
  'stroke-opacity',
] as const

/** Colours come from the theme's variables, which a picture outside the page does not have. */
const inlineStyles = (from: Element, to: Element): void => {
  const style = getComputedStyle(from)
  for (const name of PAINTED) to.setAttribute(name, style.getPropertyValue(name))
  for (let i = 0; i < from.children.length; i += 1) {
    const child = from.children[i]
    const copy = to.children[i]
    if (child && copy) inlineStyles(child, copy)
  }
}

const drawn = (address: string): Promise<HTMLImageElement> =>
  new Promise((resolve, reject) => {
    const image = new Image()
    image.onload = () => resolve(image)
    image.onerror = () => reject(new Error('the chart could not be drawn'))
    image.src = address
  })

export type LegendEntry = { readonly label: string; readonly look: SeriesLook }

const TITLE_PX = 28
const LEGEND_PX = 20

/** `var(--series-1)` as the theme has it now. */
const resolved = (color: string, page: CSSStyleDeclaration): string => {
  const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1]
  return name === undefined ? color : page.getPropertyValue(name).trim()
}

/** Where each entry of the legend goes: as many lines as the width asks for. */
const legendPlaces = (
  context: CanvasRenderingContext2D,
  legend: readonly LegendEntry[],
  width: number,
): { entry: LegendEntry; x: number; line: number }[] => {
  let x = 8
  let line = 0
  return legend.map((entry) => {
    const own = context.measureText(entry.label).width + 34
    if (x > 8 && x + own > width) {
      x = 8
      line += 1
    }
    const place = { entry, x, line }
    x += own
    return place
  })
}

const drawLegend = (
  context: CanvasRenderingContext2D,
  places: ReturnType<typeof legendPlaces>,
  top: number,
): void => {
  const page = getComputedStyle(document.documentElement)
  for (const { entry, x, line } of places) {
    const y = top + line * LEGEND_PX + LEGEND_PX / 2
    context.strokeStyle = resolved(entry.look.color, page)
    context.lineWidth = 2
    context.setLineDash(entry.look.dash?.split(' ').map(Number) ?? [])
    context.beginPath()
    context.moveTo(x, y)
    context.lineTo(x + 14, y)
    context.stroke()
    context.fillText(entry.label, x + 19, y + 4)
  }
}

const pictureOf = async (svg: SVGSVGElement): Promise<HTMLImageElement> => {
  const { width, height } = svg.getBoundingClientRect()
  const copy = svg.cloneNode(true) as SVGSVGElement
  inlineStyles(svg, copy)
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  const text = new XMLSerializer().serializeToString(copy)
  return drawn(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`)
}

/**
 * The chart, or several side by side, as one picture at twice the screen's size: title, drawing and what
 * each line is, on the page's own ground.
 */
export const chartPng = async (
  svgs: readonly SVGSVGElement[],
  title: string,
  legend: readonly LegendEntry[],
): Promise<Blob> => {
  const boxes = svgs.map((svg) => svg.getBoundingClientRect())
  const left = Math.min(...boxes.map((box) => box.left))
  const top = Math.min(...boxes.map((box) => box.top))
  const width = Math.max(...boxes.map((box) => box.right)) - left
  const height = Math.max(...boxes.map((box) => box.bottom)) - top
  const images = await Promise.all(svgs.map(pictureOf))
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser gives no canvas')
  const page = getComputedStyle(document.documentElement)
  const small = `11px ${page.fontFamily}`
  context.font = small
  const places = legendPlaces(context, legend, width)
  const lines = (places[places.length - 1]?.line ?? -1) + 1
  canvas.width = width * 2
  canvas.height = (TITLE_PX + height + lines * LEGEND_PX + 4) * 2
  context.scale(2, 2)
  context.fillStyle = page.backgroundColor
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = page.color
  context.font = `600 13px ${page.fontFamily}`
  context.fillText(title, 8, 19)
  images.forEach((image, index) => {
    const box = boxes[index]
    if (!box) return
    context.drawImage(image, box.left - left, TITLE_PX + box.top - top, box.width, box.height)
  })
  context.font = small
  drawLegend(context, places, TITLE_PX + height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  )
}
