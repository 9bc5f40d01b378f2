import type { ChartPoint } from './types.ts'

const WIDTH = 120
const HEIGHT = 28

const pathOf = (points: readonly ChartPoint[]): string => {
  const known = points.filter((point) => point.value !== null)
  const first = points[0]
  const last = points[points.length - 1]
  if (known.length < 2 || !first || !last || last.t === first.t) return ''
  const top = Math.max(...known.map((point) => point.value ?? 0), Number.MIN_VALUE)
  let path = ''
  let isDown = false
  for (const point of points) {
    if (point.value === null) {
      isDown = false
      continue
    }
    const x = ((point.t - first.t) / (last.t - first.t)) * WIDTH
    const y = HEIGHT - 1.5 - (point.value / top) * (HEIGHT - 3)
    path += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
    isDown = true
  }
  return path
}

/** The course of a figure, from 0; the figure stands beside it, so it is hidden from screen readers. */
export const Sparkline = ({
  points,
  className,
}: {
  points: readonly ChartPoint[]
  className?: string
}) => (
  <svg
    aria-hidden="true"
    viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    preserveAspectRatio="none"
    className={className}
  >
    <path
      d={pathOf(points)}
      fill="none"
      stroke="var(--accent)"
      strokeWidth={1.5}
      vectorEffect="non-scaling-stroke"
      strokeLinejoin="round"
    />
  </svg>
)
