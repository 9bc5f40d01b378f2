import type { ReactNode } from 'react'
import { cn } from './cn.ts'

type PanelProps = {
  title?: ReactNode
  note?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
  bodyClassName?: string
}

export const Panel = ({ title, note, actions, children, className, bodyClassName }: PanelProps) => (
  <section className={cn('min-w-0 rounded-md border border-line bg-panel', className)}>
    {title ? (
      <header className="flex min-h-9 items-center justify-between gap-3 border-b border-line px-3 py-1">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <h2 className="text-sm font-semibold">{title}</h2>
          {note ? <span className="text-xs text-muted">{note}</span> : null}
        </div>
        {actions ? <div className="flex shrink-0 items-center gap-1">{actions}</div> : null}
      </header>
    ) : null}
    <div className={cn('p-3', bodyClassName)}>{children}</div>
  </section>
)
