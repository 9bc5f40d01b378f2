import { cn } from '../ui/cn.ts'
import type { SeriesLook } from './colors.ts'
import { AXIS_LEFT_PX, type Geometry, MARGIN_TOP_PX, timeAt, xOf, yOf } from './geometry.ts'
import { type ChartRow, nearestRow } from './rows.ts'
import type { ChartMark, ChartSeries } from './types.ts'

/** What is drawn in a chart's frame, as far as the crosshair has to know. */
export type DrawnChart = {
  readonly geometry: Geometry
  readonly rows: readonly ChartRow[]
  readonly series: readonly ChartSeries[]
  readonly looks: readonly SeriesLook[]
  readonly isStacked: boolean
  readonly marks: readonly ChartMark[]
  readonly stepMs: number
  readonly timeText: (t: number) => string
  readonly valueText: (value: number) => string
  readonly onZoom: ((bounds: { fromMs: number; toMs: number }) => void) | undefined
}

type Hover = { readonly frame: HTMLElement; readonly timeMs: number; readonly y: number }
type Drag = { readonly frame: HTMLElement; readonly fromMs: number; readonly fromX: number }

const MIN_DRAG_PX = 8
const MIN_ZOOM_MS = 10_000
const MARK_REACH_PX = 6
const TOOLTIP =
  'absolute w-max max-w-72 rounded-md border border-line bg-raised px-2 py-1.5 text-xs'

const element = (className: string, text = ''): HTMLElement => {
  const made = document.createElement('div')
  made.className = className
  if (text !== '') made.textContent = text
  return made
}

/**
 * Crosshair, dots, tooltip and the marked stretch of all charts of a page, in one element that lies over
 * them and that React knows nothing of: moving the pointer draws no chart again.
 */
export class CrosshairLayer {
  readonly #charts = new Map<HTMLElement, DrawnChart>()
  #root: HTMLElement | null = null
  #hover: Hover | null = null
  #drag: Drag | null = null
  #frameRequest = 0

  /** Takes part from now on; the answer ends it. */
  attach(frame: HTMLElement): () => void {
    const move = (event: PointerEvent) => this.#move(frame, event)
    const leave = () => this.#leave()
    const down = (event: PointerEvent) => this.#down(frame, event)
    const up = (event: PointerEvent) => this.#up(frame, event)
    frame.addEventListener('pointermove', move)
    frame.addEventListener('pointerleave', leave)
    frame.addEventListener('pointerdown', down)
    frame.addEventListener('pointerup', up)
    return () => {
      frame.removeEventListener('pointermove', move)
      frame.removeEventListener('pointerleave', leave)
      frame.removeEventListener('pointerdown', down)
      frame.removeEventListener('pointerup', up)
      this.#charts.delete(frame)
      if (this.#hover?.frame === frame) this.#leave()
    }
  }

  update(frame: HTMLElement, chart: DrawnChart): void {
    this.#charts.set(frame, chart)
    if (this.#hover !== null) this.#request()
  }

  #move(frame: HTMLElement, event: PointerEvent): void {
    const chart = this.#charts.get(frame)
    if (!chart) return
    const rect = frame.getBoundingClientRect()
    const timeMs = timeAt(chart.geometry, event.clientX - rect.left)
    this.#hover = { frame, timeMs, y: event.clientY }
    this.#request()
  }

  #leave(): void {
    this.#hover = null
    this.#drag = null
    this.#request()
  }

  #down(frame: HTMLElement, event: PointerEvent): void {
    const chart = this.#charts.get(frame)
    if (!chart?.onZoom || event.pointerType !== 'mouse' || event.button !== 0) return
    const fromX = event.clientX - frame.getBoundingClientRect().left
    this.#drag = { frame, fromX, fromMs: timeAt(chart.geometry, fromX) }
  }

  #up(frame: HTMLElement, event: PointerEvent): void {
    const drag = this.#drag
    const chart = this.#charts.get(frame)
    this.#drag = null
    this.#request()
    if (!drag || !chart?.onZoom) return
    const x = event.clientX - frame.getBoundingClientRect().left
    if (Math.abs(x - drag.fromX) < MIN_DRAG_PX) return
    const toMs = timeAt(chart.geometry, x)
    const bounds = { fromMs: Math.min(drag.fromMs, toMs), toMs: Math.max(drag.fromMs, toMs) }
    if (bounds.toMs - bounds.fromMs >= MIN_ZOOM_MS) chart.onZoom(bounds)
  }

  /** Once a frame, however many moves there were. */
  #request(): void {
    if (this.#frameRequest !== 0) return
    this.#frameRequest = requestAnimationFrame(() => {
      this.#frameRequest = 0
      this.#draw()
    })
  }

  #draw(): void {
    const hover = this.#hover
    if (hover === null) {
      this.#root?.remove()
      this.#root = null
      return
    }
    const place = (hover.frame.closest('main') ?? document.body).getBoundingClientRect()
    const parts: HTMLElement[] = []
    for (const [frame, chart] of this.#charts) {
      const rect = frame.getBoundingClientRect()
      if (rect.bottom < 0 || rect.top > window.innerHeight) continue
      const offset = { left: rect.left - place.left, top: rect.top - place.top }
      parts.push(...this.#partsOf(chart, offset, frame === hover.frame ? hover : null))
    }
    this.#root ??= element('pointer-events-none fixed z-20 overflow-hidden')
    Object.assign(this.#root.style, {
      left: `${place.left}px`,
      top: `${place.top}px`,
      width: `${place.width}px`,
      height: `${place.height}px`,
    })
    this.#root.ariaHidden = 'true'
    this.#root.dataset.crosshair = ''
    this.#root.replaceChildren(...parts)
    if (!this.#root.isConnected) document.body.append(this.#root)
  }

  /** `own`: the pointer is over this chart, so it has the tooltip. */
  #partsOf(
    chart: DrawnChart,
    offset: { left: number; top: number },
    own: Hover | null,
  ): HTMLElement[] {
    const { geometry } = chart
    const timeMs = this.#hover?.timeMs ?? 0
    if (timeMs < geometry.bounds.fromMs || timeMs > geometry.bounds.toMs) return []
    const parts: HTMLElement[] = []
    const row = rowAt(chart, timeMs)
    const x = xOf(geometry, row ? row.t : timeMs)
    const put = (part: HTMLElement, left: number, top: number): HTMLElement => {
      part.style.left = `${offset.left + left}px`
      part.style.top = `${offset.top + top}px`
      parts.push(part)
      return part
    }
    const line = put(element('absolute w-px bg-line-strong'), x, MARGIN_TOP_PX)
    line.style.height = `${geometry.plotHeight}px`
    if (row) {
      for (const dot of dotsOf(chart, row)) {
        const part = put(
          element('absolute size-2 rounded-full border border-panel'),
          x - 4,
          dot.y - 4,
        )
        part.style.background = dot.color
      }
    }
    if (this.#drag) {
      const from = Math.max(AXIS_LEFT_PX, xOf(geometry, this.#drag.fromMs))
      const band = put(element('absolute bg-accent/20'), Math.min(from, x), MARGIN_TOP_PX)
      band.style.width = `${Math.abs(x - from)}px`
      band.style.height = `${geometry.plotHeight}px`
    } else if (own && row) {
      const tooltip = tooltipOf(chart, row, x)
      put(tooltip, x + 10, MARGIN_TOP_PX)
      if (x > geometry.width / 2) tooltip.style.transform = 'translateX(calc(-100% - 20px))'
    }
    return parts
  }
}

/** The row under the pointer, if one is near enough to be meant. */
const rowAt = ({ rows, geometry, stepMs }: DrawnChart, timeMs: number): ChartRow | null => {
  const { bounds, plotWidth } = geometry
  const reachMs = Math.max(stepMs * 1.5, ((bounds.toMs - bounds.fromMs) / plotWidth) * 4)
  const nearest = nearestRow(rows, timeMs)
  return nearest && Math.abs(nearest.t - timeMs) <= reachMs ? nearest : null
}

const dotsOf = (chart: DrawnChart, row: ChartRow): { y: number; color: string }[] => {
  let sum = 0
  return chart.looks.flatMap((look, index) => {
    const value = row[`s${index}`]
    if (value === null || value === undefined) return []
    sum += value
    return [{ y: yOf(chart.geometry, chart.isStacked ? sum : value), color: look.color }]
  })
}

const tooltipOf = (chart: DrawnChart, row: ChartRow, x: number): HTMLElement => {
  const tooltip = element(TOOLTIP)
  tooltip.append(element('tabular pb-0.5 text-muted', chart.timeText(row.t)))
  for (const mark of chart.marks) {
    if (Math.abs(xOf(chart.geometry, mark.t) - x) > MARK_REACH_PX) continue
    tooltip.append(element('text-info', mark.label))
  }
  const values = chart.series
    .map((one, index) => ({ one, look: chart.looks[index], value: row[`s${index}`] ?? null }))
    .sort((a, b) => (b.value ?? -1) - (a.value ?? -1))
  for (const { one, look, value } of values) {
    const line = element('flex items-center gap-1.5')
    const swatch = element(cn('h-0 w-3 shrink-0 border-t-2', look?.dash && 'border-dashed'))
    swatch.style.borderColor = look?.color ?? 'var(--ink)'
    line.append(
      swatch,
      element('min-w-0 flex-1 truncate', one.label ?? one.name),
      element('tabular pl-2 font-medium', value === null ? '–' : chart.valueText(value)),
    )
    tooltip.append(line)
  }
  return tooltip
}
