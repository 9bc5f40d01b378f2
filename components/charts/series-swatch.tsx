import type { SeriesLook } from './colors.ts'

export const SeriesSwatch = ({ look }: { look: SeriesLook | undefined }) => (
  <svg aria-hidden="true" viewBox="0 0 16 4" className="h-1 w-4 shrink-0">
    <line
      x1="0"
      x2="16"
      y1="2"
      y2="2"
      strokeWidth="3"
      stroke={look?.color ?? 'var(--muted)'}
      strokeDasharray={look?.dash}
    />
  </svg>
)
