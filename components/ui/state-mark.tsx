import type { ReactNode } from 'react'
import { cn } from './cn.ts'

export type State = 'healthy' | 'attention' | 'critical' | 'unknown'

export const stateColor: Record<State, string> = {
  healthy: 'text-ok',
  attention: 'text-warn',
  critical: 'text-crit',
  unknown: 'text-muted',
}

const shapes: Record<State, ReactNode> = {
  healthy: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  attention: <path d="M6 1 11.4 10.6H.6Z" fill="currentColor" />,
  critical: <rect x="1.5" y="1.5" width="9" height="9" rx="0.5" fill="currentColor" />,
  unknown: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" />,
}

/** The shape alone; whoever uses it without the word beside it gives it a label. */
export const StateShape = (props: { state: State; label?: string; className?: string }) => (
  <span
    className={cn('inline-grid size-3 shrink-0', stateColor[props.state], props.className)}
    {...(props.label ? { role: 'img', 'aria-label': props.label } : {})}
  >
    <svg viewBox="0 0 12 12" aria-hidden="true">
      {shapes[props.state]}
    </svg>
  </span>
)

export const StateMark = (props: { state: State; children: ReactNode; className?: string }) => (
  <span className={cn('inline-flex items-start gap-1.5', props.className)}>
    <span className="inline-flex h-[1lh] items-center">
      <StateShape state={props.state} />
    </span>
    <span>{props.children}</span>
  </span>
)
