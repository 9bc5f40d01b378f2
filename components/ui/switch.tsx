'use client'

import { Switch as Primitive } from 'radix-ui'
import { type ComponentProps, useId } from 'react'

type SwitchProps = Omit<ComponentProps<typeof Primitive.Root>, 'id'> & { label: string }

export const Switch = ({ label, ...props }: SwitchProps) => {
  const id = useId()
  return (
    <span className="inline-flex items-center gap-2">
      <Primitive.Root
        id={id}
        {...props}
        className={
          'inline-flex h-4.5 w-8 shrink-0 items-center rounded-full border border-line-strong ' +
          'bg-raised p-px transition-colors data-[state=checked]:border-accent ' +
          'data-[state=checked]:bg-accent disabled:opacity-55'
        }
      >
        <Primitive.Thumb
          className={
            'size-3.5 rounded-full bg-line-strong transition-transform ' +
            'data-[state=checked]:translate-x-3.5 data-[state=checked]:bg-on-accent'
          }
        />
      </Primitive.Root>
      <label htmlFor={id} className="cursor-pointer text-sm">
        {label}
      </label>
    </span>
  )
}
