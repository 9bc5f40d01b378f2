'use client'

import { Check, Copy } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import { cn } from './cn.ts'

export const CopyButton = ({ text, className }: { text: string; className?: string }) => {
  const t = useTranslations('common')
  const [isCopied, setIsCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setIsCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setIsCopied(true)
  }
  return (
    <button
      type="button"
      onClick={copy}
      aria-label={isCopied ? t('copied') : t('copyValue', { value: text.slice(0, 80) })}
      className={cn(
        'grid size-5 shrink-0 place-items-center rounded-sm text-muted hover:bg-hover hover:text-ink',
        className,
      )}
    >
      {isCopied ? (
        <Check aria-hidden className="size-3.5 text-ok" />
      ) : (
        <Copy aria-hidden className="size-3.5" />
      )}
    </button>
  )
}

type CopyableIdProps = { value: string; className?: string; truncate?: boolean }

/** An identifier in the mono face; the button shows on hover and on keyboard focus. */
export const CopyableId = ({ value, className, truncate }: CopyableIdProps) => (
  <span className={cn('group/id inline-flex max-w-full items-center gap-1 font-mono', className)}>
    <span className={truncate ? 'truncate' : 'break-all'} title={truncate ? value : undefined}>
      {value}
    </span>
    <CopyButton
      text={value}
      className="opacity-0 group-hover/id:opacity-100 focus-visible:opacity-100"
    />
  </span>
)
