'use client'

import Link from 'next/link'
import type { ReactNode } from 'react'
import { Sparkline } from '../charts/sparkline.tsx'
import type { ChartPoint } from '../charts/types.ts'
import { Skeleton } from '../ui/skeleton.tsx'

type TileProps = {
  label: string
  note?: string | undefined
  value: ReactNode
  points: readonly ChartPoint[]
  href?: string
  isLoading: boolean
}

/** A figure and its course over the page's time range. */
export const StatTile = ({ label, note, value, points, href, isLoading }: TileProps) => (
  <div className="relative flex min-h-19 min-w-0 flex-col justify-between gap-1 rounded-md border border-line bg-panel px-3 py-2 hover:border-line-strong">
    <p className="flex items-baseline gap-1.5 text-xs text-muted">
      {href ? (
        <Link href={href} className="after:absolute after:inset-0">
          {label}
        </Link>
      ) : (
        label
      )}
      {note ? <span>{note}</span> : null}
    </p>
    <div className="flex items-end justify-between gap-3">
      <p className="text-xl font-semibold whitespace-nowrap max-sm:text-lg">
        {isLoading ? <Skeleton className="h-6 w-20" /> : value}
      </p>
      <Sparkline points={points} className="h-7 w-28 min-w-0 shrink-[9] max-sm:w-16" />
    </div>
  </div>
)
