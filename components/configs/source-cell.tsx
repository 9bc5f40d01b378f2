'use client'

import { useTranslations } from 'next-intl'
import type { ConfigEntry } from '../../contracts/configs.ts'
import { Button } from '../ui/button.tsx'
import { Popover, PopoverContent, PopoverTrigger } from '../ui/popover.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'

/** Where the value comes from; a click shows what lies behind it, nearest first. */
export const SourceCell = ({ entry }: { entry: ConfigEntry }) => {
  const t = useTranslations('config')
  const word = t(`source.${entry.source}`)
  if (entry.synonyms.length === 0) return <span className="text-muted">{word}</span>
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button
          variant="link"
          className={entry.isDefault ? 'font-normal text-muted' : 'text-accent'}
        >
          {word}
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-[min(520px,calc(100vw-24px))]" aria-label={t('synonyms')}>
        <p className="pb-2 text-xs text-muted">{t('synonymsHint')}</p>
        <SimpleTable label={t('synonyms')}>
          <thead>
            <tr>
              <Th>{t('name')}</Th>
              <Th>{t('value')}</Th>
              <Th>{t('sourceHeader')}</Th>
            </tr>
          </thead>
          <tbody>
            {entry.synonyms.map((synonym) => (
              <tr key={`${synonym.source}:${synonym.name}`}>
                <Td className="font-mono break-all">{synonym.name}</Td>
                <Td className="font-mono break-all">{synonym.value ?? '–'}</Td>
                <Td className="whitespace-nowrap">{t(`source.${synonym.source}`)}</Td>
              </tr>
            ))}
          </tbody>
        </SimpleTable>
      </PopoverContent>
    </Popover>
  )
}
