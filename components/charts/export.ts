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

const PAINTED = ['fill', 'stroke', 'color', 'font-family', 'font-size', 'fill-opacity'] as const

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

/** The chart as a picture at twice the screen's size, with its title on the page's own ground. */
export const chartPng = async (svg: SVGSVGElement, title: string): Promise<Blob> => {
  const { width, height } = svg.getBoundingClientRect()
  const copy = svg.cloneNode(true) as SVGSVGElement
  inlineStyles(svg, copy)
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  const text = new XMLSerializer().serializeToString(copy)
  const image = await drawn(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`)
  const titleHeight = 28
  const canvas = document.createElement('canvas')
  canvas.width = width * 2
  canvas.height = (height + titleHeight) * 2
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser gives no canvas')
  context.scale(2, 2)
  const page = getComputedStyle(document.documentElement)
  context.fillStyle = page.backgroundColor
  context.fillRect(0, 0, width, height + titleHeight)
  context.fillStyle = page.color
  context.font = `600 13px ${page.fontFamily}`
  context.fillText(title, 8, 19)
  context.drawImage(image, 0, titleHeight, width, height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  )
}
