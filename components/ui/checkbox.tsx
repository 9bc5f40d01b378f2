'use client'

import { Check, Minus } from 'lucide-react'
import { Checkbox as Primitive } from 'radix-ui'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from './cn.ts'

type CheckboxProps = ComponentProps<typeof Primitive.Root>

export const Checkbox = ({ className, checked, ...props }: CheckboxProps) => (
  <Primitive.Root
    {...props}
    {...(checked === undefined ? {} : { checked })}
    className={cn(
      'grid size-4 shrink-0 place-items-center rounded-sm border border-line-strong bg-panel',
      'data-[state=checked]:border-accent data-[state=checked]:bg-accent',
      'data-[state=indeterminate]:border-accent data-[state=indeterminate]:bg-accent',
      className,
    )}
  >
    <Primitive.Indicator className="text-on-accent">
      {checked === 'indeterminate' ? (
        <Minus aria-hidden className="size-3.5" />
      ) : (
        <Check aria-hidden className="size-3.5" />
      )}
    </Primitive.Indicator>
  </Primitive.Root>
)

export const LabelledCheckbox = ({
  label,
  ...props
}: Omit<CheckboxProps, 'id'> & { label: ReactNode }) => {
  const id = useId()
  return (
    <span className="inline-flex items-center gap-2">
      <Checkbox id={id} {...props} />
      <label htmlFor={id} className="cursor-pointer text-sm">
        {label}
      </label>
    </span>
  )
}
