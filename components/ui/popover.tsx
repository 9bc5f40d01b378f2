'use client'

import { Popover as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

export const Popover = Primitive.Root
export const PopoverTrigger = Primitive.Trigger

export const PopoverContent = ({
  className,
  ...props
}: ComponentProps<typeof Primitive.Content>) => (
  <Primitive.Portal>
    <Primitive.Content
      sideOffset={4}
      align="end"
      collisionPadding={8}
      className={cn(
        'z-60 animate-fade-in rounded-md border border-line bg-panel p-3 text-sm outline-none',
        className,
      )}
      {...props}
    />
  </Primitive.Portal>
)
