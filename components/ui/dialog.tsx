'use client'

import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { cn } from './cn.ts'

type DialogProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  children: ReactNode
  footer?: ReactNode
  className?: string
}

export const DialogCloseButton = () => {
  const t = useTranslations('common')
  return (
    <Primitive.Close asChild>
      <Button variant="ghost" size="icon" aria-label={t('close')}>
        <X aria-hidden />
      </Button>
    </Primitive.Close>
  )
}

/** A question in the middle of the page; work that needs the page in sight takes a sheet instead. */
export const Dialog = (props: DialogProps) => (
  <Primitive.Root open={props.open} onOpenChange={props.onOpenChange}>
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-50 animate-fade-in bg-page/70" />
      <Primitive.Content
        {...(props.description ? {} : { 'aria-describedby': undefined })}
        className={cn(
          'fixed top-[18vh] left-1/2 z-50 flex max-h-[70vh] w-[min(480px,calc(100vw-24px))]',
          '-translate-x-1/2 animate-fade-in flex-col rounded-lg border border-line bg-panel',
          props.className,
        )}
      >
        <div className="flex items-start justify-between gap-3 px-4 pt-3">
          <div className="min-w-0 pt-1">
            <Primitive.Title className="text-lg font-semibold">{props.title}</Primitive.Title>
            {props.description ? (
              <Primitive.Description className="mt-1 text-sm text-muted">
                {props.description}
              </Primitive.Description>
            ) : null}
          </div>
          <DialogCloseButton />
        </div>
        <div className="min-h-0 overflow-y-auto px-4 py-3">{props.children}</div>
        {props.footer ? (
          <div className="flex justify-end gap-2 border-t border-line px-4 py-3">
            {props.footer}
          </div>
        ) : null}
      </Primitive.Content>
    </Primitive.Portal>
  </Primitive.Root>
)
