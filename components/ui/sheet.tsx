'use client'

import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'
import { DialogCloseButton } from './dialog.tsx'

type SheetProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  children: ReactNode
  footer?: ReactNode
  width?: 'md' | 'lg'
}

/** The sheet itself, not its close button, so that a reader hears its title first. */
const focusContent = (event: Event): void => {
  event.preventDefault()
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
}

/**
 * Slides over the right of the page and leaves the rest in sight and in reach (not modal), so that what
 * is about to change can be looked at while deciding. On a phone it takes the whole screen.
 */
export const Sheet = (props: SheetProps) => (
  <Primitive.Root open={props.open} onOpenChange={props.onOpenChange} modal={false}>
    <Primitive.Portal>
      <Primitive.Content
        {...(props.description ? {} : { 'aria-describedby': undefined })}
        onInteractOutside={(event) => event.preventDefault()}
        onOpenAutoFocus={focusContent}
        className={cn(
          'fixed inset-y-0 right-0 z-40 flex w-full animate-sheet-in flex-col border-line sm:border-l',
          'bg-panel outline-none sm:shadow-[-12px_0_32px_-24px_rgb(0_0_0/0.35)]',
          props.width === 'lg' ? 'sm:w-[min(760px,92vw)]' : 'sm:w-[min(520px,92vw)]',
        )}
      >
        <div className="flex items-start justify-between gap-3 border-b border-line px-4 py-2.5">
          <div className="min-w-0 pt-1">
            <Primitive.Title className="text-lg font-semibold break-words">
              {props.title}
            </Primitive.Title>
            {props.description ? (
              <Primitive.Description className="text-sm text-muted">
                {props.description}
              </Primitive.Description>
            ) : null}
          </div>
          <DialogCloseButton />
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{props.children}</div>
        {props.footer ? (
          <div className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3">
            {props.footer}
          </div>
        ) : null}
      </Primitive.Content>
    </Primitive.Portal>
  </Primitive.Root>
)
