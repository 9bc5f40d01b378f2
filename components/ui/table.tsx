import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

export const Table = ({ className, ...props }: ComponentProps<'table'>) => (
  <table className={cn('w-full text-sm', className)} {...props} />
)

export const Th = ({ className, ...props }: ComponentProps<'th'>) => (
  <th
    scope="col"
    className={cn(
      'h-8.5 border-b border-line bg-panel px-3 text-left text-xs font-medium whitespace-nowrap text-muted',
      className,
    )}
    {...props}
  />
)

export const Td = ({ className, ...props }: ComponentProps<'td'>) => (
  <td className={cn('h-8.5 border-b border-line px-3 py-1', className)} {...props} />
)

/** A small table with no sorting; it scrolls sideways on its own when it must. */
export const SimpleTable = ({
  label,
  children,
  className,
}: {
  label: string
  children: ComponentProps<'table'>['children']
  className?: string
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
  <section className={cn('overflow-x-auto', className)} aria-label={label} tabIndex={0}>
    <Table className="[&_tr:last-child_td]:border-b-0">{children}</Table>
  </section>
)
