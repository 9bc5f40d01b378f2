'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useFormats } from '../../hooks/use-formats.ts'
import { Button } from './button.tsx'

type PagerProps = {
  page: number
  pageSize: number
  total: number
  onPage: (page: number) => void
}

export const Pager = ({ page, pageSize, total, onPage }: PagerProps) => {
  const t = useTranslations('table')
  const formats = useFormats()
  if (total <= pageSize && page === 1) return null
  const from = (page - 1) * pageSize + 1
  const to = Math.min(total, page * pageSize)
  return (
    <div className="flex items-center justify-end gap-1 pt-2 text-xs text-muted">
      <span className="tabular pr-1">
        {t('page', {
          from: formats.exact(from),
          to: formats.exact(to),
          total: formats.exact(total),
        })}
      </span>
      <Button
        size="iconSm"
        aria-label={t('previous')}
        disabled={page <= 1}
        onClick={() => onPage(page - 1)}
      >
        <ChevronLeft aria-hidden />
      </Button>
      <Button
        size="iconSm"
        aria-label={t('next')}
        disabled={to >= total}
        onClick={() => onPage(page + 1)}
      >
        <ChevronRight aria-hidden />
      </Button>
    </div>
  )
}
