'use client'

import { Info } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { GroupLag } from '../../contracts/lag.ts'
import { useNow } from '../../hooks/use-now.ts'
import { Button } from '../ui/button.tsx'
import { Popover, PopoverContent, PopoverTrigger } from '../ui/popover.tsx'
import { useLagWords } from './use-lag-words.ts'
import { VerdictMark } from './verdict-mark.tsx'

/** What verdicts rest on and what they cannot know. */
export const VerdictBasis = () => {
  const t = useTranslations('lag')
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button variant="ghost" size="sm">
          <Info aria-hidden />
          {t('basis')}
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-90 max-w-[calc(100vw-24px)]" aria-label={t('basis')}>
        <p>{t('basisText')}</p>
      </PopoverContent>
    </Popover>
  )
}

/** A group's verdict with the sentence behind it. */
export const VerdictNote = ({
  group,
}: {
  group: Pick<GroupLag, 'verdict' | 'cause' | 'worst'>
}) => {
  const words = useLagWords()
  const nowMs = useNow()
  return (
    <p className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1">
      <VerdictMark verdict={group.verdict} cause={group.cause} reason="" />
      <span className="min-w-0 break-words">{words.group(group, nowMs)}</span>
      <VerdictBasis />
    </p>
  )
}
