'use client'

import { Tooltip as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'

export const TooltipProvider = ({ children }: { children: ReactNode }) => (
  <Primitive.Provider delayDuration={250}>{children}</Primitive.Provider>
)

type TooltipProps = { content: ReactNode; children: ReactNode; side?: 'top' | 'bottom' | 'right' }

export const Tooltip = ({ content, children, side = 'top' }: TooltipProps) => (
  <Primitive.Root>
    <Primitive.Trigger asChild>{children}</Primitive.Trigger>
    <Primitive.Portal>
      <Primitive.Content
        side={side}
        sideOffset={4}
        collisionPadding={8}
        className="z-70 max-w-80 rounded-md border border-line bg-raised px-2 py-1 text-xs break-words text-ink"
      >
        {content}
      </Primitive.Content>
    </Primitive.Portal>
  </Primitive.Root>
)
