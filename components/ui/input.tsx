import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

const fieldClasses =
  'w-full rounded-md border border-line-strong bg-panel px-2.5 text-sm text-ink transition-colors ' +
  'placeholder:text-muted disabled:cursor-not-allowed disabled:bg-raised disabled:text-muted ' +
  'aria-invalid:border-crit'

export const Input = ({ className, ...props }: ComponentProps<'input'>) => (
  <input className={cn(fieldClasses, 'h-8', className)} {...props} />
)

export const Textarea = ({ className, ...props }: ComponentProps<'textarea'>) => (
  <textarea className={cn(fieldClasses, 'min-h-20 py-1.5 leading-5', className)} {...props} />
)
