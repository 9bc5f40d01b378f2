'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { Button } from '../ui/button.tsx'

export const NotFoundPage = () => {
  const t = useTranslations('notFound')
  return (
    <main className="grid min-h-[60dvh] place-items-center p-4 text-center">
      <div className="flex flex-col items-center gap-3">
        <h1 className="text-xl font-semibold">{t('title')}</h1>
        <p className="max-w-110 text-muted">{t('text')}</p>
        <Button asChild variant="primary">
          <Link href="/">{t('home')}</Link>
        </Button>
      </div>
    </main>
  )
}
