'use client'

import { useTranslations } from 'next-intl'
import { Button } from '../../components/ui/button.tsx'

export default function ConsoleError({ error, reset }: { error: Error; reset: () => void }) {
  const t = useTranslations('pageError')
  return (
    <div className="flex max-w-180 flex-col items-start gap-3" role="alert">
      <h1 className="text-xl font-semibold">{t('title')}</h1>
      <p>{t('text')}</p>
      <code className="font-mono text-xs break-all text-crit">{error.message}</code>
      <Button onClick={reset}>{t('again')}</Button>
    </div>
  )
}
