'use client'

import { type ReactNode, startTransition, useEffect, useRef, useState } from 'react'
import { cn } from '../ui/cn.ts'
import { inOwnFrame } from './mount-queue.ts'

/** As far from the window charts are put up and taken down again. */
const NEAR = '700px 0px'

const useIsNear = () => {
  const ref = useRef<HTMLLIElement>(null)
  const [isNear, setIsNear] = useState(false)
  useEffect(() => {
    const cell = ref.current
    if (!cell) return
    let cancel: () => void = () => undefined
    let isUp = false
    const observer = new IntersectionObserver(
      (entries) => {
        // Of several since the last call the latest holds.
        const isIn = entries.at(-1)?.isIntersecting === true
        cancel()
        // A hundred cells that stay down would each take a frame from those that come.
        if (isIn === isUp) return
        // Taking down and putting up may both wait while somebody scrolls.
        cancel = inOwnFrame(() => {
          isUp = isIn
          startTransition(() => setIsNear(isIn))
        })
      },
      { rootMargin: NEAR },
    )
    observer.observe(cell)
    return () => {
      cancel()
      observer.disconnect()
    }
  }, [])
  return { ref, isNear }
}

type NearCellProps = {
  title: string
  className?: string
  children: ReactNode
}

/** A cell of fixed height whose chart is there only while it is near: scrolling moves nothing. */
export const NearCell = ({ title, className, children }: NearCellProps) => {
  const { ref, isNear } = useIsNear()
  return (
    <li
      ref={ref}
      data-chart-cell={isNear ? 'up' : 'down'}
      className={cn('h-[252px] min-w-0 [contain:layout_style]', className)}
    >
      {isNear ? (
        children
      ) : (
        <div className="h-full rounded-md border border-line bg-panel px-3 py-2 text-sm font-semibold">
          {title}
        </div>
      )}
    </li>
  )
}
