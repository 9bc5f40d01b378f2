'use client'

import { type ReactNode, useId } from 'react'
import { cn } from './cn.ts'

export type FieldControl = {
  readonly id: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: true
}

type FieldProps = {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  className?: string
  children: (control: FieldControl) => ReactNode
}

/** A label, one control and what is to be said about it, tied together for screen readers. */
export const Field = ({ label, hint, error, className, children }: FieldProps) => {
  const id = useId()
  const noteId = `${id}-note`
  const hasNote = Boolean(error ?? hint)
  return (
    <div className={cn('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-xs font-medium text-ink">
        {label}
      </label>
      {children({
        id,
        ...(hasNote ? { 'aria-describedby': noteId } : {}),
        ...(error ? { 'aria-invalid': true as const } : {}),
      })}
      {hasNote ? (
        <p id={noteId} className={cn('text-xs', error ? 'text-crit' : 'text-muted')}>
          {error ?? hint}
        </p>
      ) : null}
    </div>
  )
}
