'use client'

import { Command as Primitive } from 'cmdk'
import { Search } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

export const Command = ({ className, ...props }: ComponentProps<typeof Primitive>) => (
  <Primitive className={cn('flex min-h-0 flex-col overflow-hidden', className)} {...props} />
)

export const CommandInput = ({ className, ...props }: ComponentProps<typeof Primitive.Input>) => (
  <div className="flex items-center gap-2 border-b border-line px-3">
    <Search aria-hidden className="size-4 shrink-0 text-muted" />
    <Primitive.Input
      className={cn(
        'h-11 w-full bg-transparent text-base text-ink outline-none placeholder:text-muted',
        className,
      )}
      {...props}
    />
  </div>
)

export const CommandList = ({ className, ...props }: ComponentProps<typeof Primitive.List>) => (
  <Primitive.List className={cn('max-h-[52vh] overflow-y-auto p-1', className)} {...props} />
)

export const CommandEmpty = ({ className, ...props }: ComponentProps<typeof Primitive.Empty>) => (
  <Primitive.Empty
    className={cn('px-3 py-6 text-center text-sm text-muted', className)}
    {...props}
  />
)

export const CommandGroup = ({ className, ...props }: ComponentProps<typeof Primitive.Group>) => (
  <Primitive.Group
    className={cn(
      '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1',
      '[&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium',
      '[&_[cmdk-group-heading]]:text-muted',
      className,
    )}
    {...props}
  />
)

export const CommandItem = ({ className, ...props }: ComponentProps<typeof Primitive.Item>) => (
  <Primitive.Item
    className={cn(
      'flex h-8 cursor-pointer items-center gap-2 rounded-sm px-2 text-sm select-none',
      'data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted',
      className,
    )}
    {...props}
  />
)
