'use client'

import { ToggleGroup as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'

type SegmentedProps<Value extends string> = {
  value: Value
  onValueChange: (value: Value) => void
  options: readonly { readonly value: Value; readonly label: ReactNode }[]
  'aria-label': string
  className?: string
}

/** One of a few, all in sight. */
export const Segmented = <Value extends string>(props: SegmentedProps<Value>) => (
  <Primitive.Root
    type="single"
    value={props.value}
    aria-label={props['aria-label']}
    onValueChange={(next) => {
      const chosen = props.options.find((option) => option.value === next)
      if (chosen) props.onValueChange(chosen.value)
    }}
    className={cn(
      'inline-flex h-8 max-w-full items-stretch overflow-x-auto overflow-y-hidden rounded-md border',
      'border-line bg-raised p-0.5 [scrollbar-width:none]',
      props.className,
    )}
  >
    {props.options.map((option) => (
      <Primitive.Item
        key={option.value}
        value={option.value}
        className={cn(
          'shrink-0 rounded-sm px-2.5 text-xs font-medium whitespace-nowrap text-muted',
          'transition-colors hover:text-ink',
          'data-[state=on]:bg-panel data-[state=on]:text-ink',
        )}
      >
        {option.label}
      </Primitive.Item>
    ))}
  </Primitive.Root>
)
