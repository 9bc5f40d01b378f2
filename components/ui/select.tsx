'use client'

import { Check, ChevronDown } from 'lucide-react'
import { Select as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

export type SelectOption = { readonly value: string; readonly label: string }

type SelectProps = {
  value: string
  onValueChange: (value: string) => void
  options: readonly SelectOption[]
  id?: string
  className?: string
  disabled?: boolean
  placeholder?: string
} & Pick<ComponentProps<'button'>, 'aria-label' | 'aria-describedby' | 'aria-invalid'>

export const Select = ({
  value,
  onValueChange,
  options,
  className,
  disabled,
  placeholder,
  ...trigger
}: SelectProps) => (
  <Primitive.Root value={value} onValueChange={onValueChange} disabled={disabled}>
    <Primitive.Trigger
      {...trigger}
      className={cn(
        'inline-flex h-8 min-w-0 items-center justify-between gap-2 rounded-md border',
        'border-line-strong bg-panel px-2.5 text-sm text-ink hover:bg-hover',
        'disabled:cursor-not-allowed disabled:opacity-55',
        className,
      )}
    >
      <span className="truncate">
        <Primitive.Value placeholder={placeholder} />
      </span>
      <ChevronDown aria-hidden className="size-4 shrink-0 text-muted" />
    </Primitive.Trigger>
    <Primitive.Portal>
      <Primitive.Content
        position="popper"
        sideOffset={4}
        className={cn(
          'z-60 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width)',
          'overflow-hidden rounded-md border border-line bg-panel p-1 text-sm',
          'animate-fade-in',
        )}
      >
        <Primitive.Viewport>
          {options.map((option) => (
            <Primitive.Item
              key={option.value}
              value={option.value}
              className={cn(
                'flex h-7 cursor-pointer items-center gap-2 rounded-sm pr-3 pl-2 outline-none select-none',
                'data-[highlighted]:bg-hover',
              )}
            >
              <span className="grid size-4 place-items-center">
                <Primitive.ItemIndicator>
                  <Check aria-hidden className="size-4 text-accent" />
                </Primitive.ItemIndicator>
              </span>
              <Primitive.ItemText>{option.label}</Primitive.ItemText>
            </Primitive.Item>
          ))}
        </Primitive.Viewport>
      </Primitive.Content>
    </Primitive.Portal>
  </Primitive.Root>
)
