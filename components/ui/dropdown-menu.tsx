'use client'

import { Check } from 'lucide-react'
import { DropdownMenu as Primitive } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn.ts'

export const DropdownMenu = Primitive.Root
export const DropdownMenuTrigger = Primitive.Trigger

export const DropdownMenuContent = ({
  className,
  ...props
}: ComponentProps<typeof Primitive.Content>) => (
  <Primitive.Portal>
    <Primitive.Content
      sideOffset={4}
      align="end"
      className={cn(
        'z-60 min-w-44 animate-fade-in rounded-md border border-line bg-panel p-1 text-sm',
        className,
      )}
      {...props}
    />
  </Primitive.Portal>
)

const itemClasses =
  'flex h-7 cursor-pointer items-center gap-2 rounded-sm px-2 outline-none select-none ' +
  'data-[highlighted]:bg-hover data-[disabled]:cursor-not-allowed data-[disabled]:opacity-55 ' +
  '[&_svg]:size-4 [&_svg]:shrink-0'

type ItemProps = ComponentProps<typeof Primitive.Item> & { danger?: boolean }

export const DropdownMenuItem = ({ className, danger, ...props }: ItemProps) => (
  <Primitive.Item className={cn(itemClasses, danger && 'text-crit', className)} {...props} />
)

export const DropdownMenuCheckboxItem = ({
  className,
  children,
  ...props
}: ComponentProps<typeof Primitive.CheckboxItem>) => (
  <Primitive.CheckboxItem className={cn(itemClasses, 'pl-1', className)} {...props}>
    <span className="grid size-4 place-items-center">
      <Primitive.ItemIndicator>
        <Check aria-hidden className="text-accent" />
      </Primitive.ItemIndicator>
    </span>
    {children}
  </Primitive.CheckboxItem>
)

export const DropdownMenuRadioGroup = Primitive.RadioGroup

export const DropdownMenuRadioItem = ({
  className,
  children,
  ...props
}: ComponentProps<typeof Primitive.RadioItem>) => (
  <Primitive.RadioItem className={cn(itemClasses, 'pl-1', className)} {...props}>
    <span className="grid size-4 place-items-center">
      <Primitive.ItemIndicator>
        <Check aria-hidden className="text-accent" />
      </Primitive.ItemIndicator>
    </span>
    {children}
  </Primitive.RadioItem>
)

export const DropdownMenuLabel = ({ children }: { children: ReactNode }) => (
  <Primitive.Label className="px-2 py-1 text-xs font-medium text-muted">{children}</Primitive.Label>
)

export const DropdownMenuSeparator = () => <Primitive.Separator className="my-1 h-px bg-line" />
