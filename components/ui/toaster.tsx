'use client'

import { Toaster as Sonner } from 'sonner'

export { toast } from 'sonner'

export const Toaster = ({ label }: { label: string }) => (
  <Sonner
    position="bottom-right"
    containerAriaLabel={label}
    toastOptions={{
      unstyled: true,
      classNames: {
        toast:
          'flex w-[356px] max-w-[calc(100vw-32px)] items-start gap-2 rounded-md border border-line ' +
          'bg-panel px-3 py-2.5 font-sans text-sm text-ink',
        title: 'font-medium',
        description: 'text-muted',
        icon: 'mt-0.5',
        success: '[&_[data-icon]]:text-ok',
        error: '[&_[data-icon]]:text-crit',
        actionButton: 'ml-auto shrink-0 font-medium text-accent',
      },
    }}
  />
)
