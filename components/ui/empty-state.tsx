import type { ReactNode } from 'react'

/** Says what would be here, and offers the first step. */
export const EmptyState = (props: {
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
}) => (
  <div className="flex flex-col items-center gap-2 px-4 py-10 text-center">
    <p className="text-base font-medium">{props.title}</p>
    {props.children ? <p className="max-w-130 text-sm text-muted">{props.children}</p> : null}
    {props.action ? <div className="mt-1">{props.action}</div> : null}
  </div>
)
