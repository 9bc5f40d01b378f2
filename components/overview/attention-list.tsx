'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { AttentionItem } from '../../contracts/overview.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { Button } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StateMark, StateShape } from '../ui/state-mark.tsx'
import { useAttention } from './use-attention.ts'

const AttentionRow = ({ cluster, item }: { cluster: string; item: AttentionItem }) => {
  const t = useTranslations('overview')
  const state = useTranslations('state')
  const { open } = useSheet()
  const isAdministrator = useIsAdministrator()
  const { sentence, href, sheet } = useAttention(cluster)(item)
  return (
    <li className="flex items-start gap-2 py-1.5">
      <StateShape state={item.level} label={state(item.level)} className="mt-1" />
      <span className="min-w-0 flex-1 break-words">
        {href === null ? (
          sentence
        ) : (
          <Link href={href} className="underline-offset-2 hover:underline">
            {sentence}
          </Link>
        )}
      </span>
      {sheet !== null && isAdministrator ? (
        <Button size="sm" onClick={() => open(sheet)}>
          {t('elect')}
        </Button>
      ) : null}
    </li>
  )
}

export const AttentionList = (props: {
  cluster: string
  items: readonly AttentionItem[] | undefined
}) => {
  const t = useTranslations('overview')
  return (
    <Panel title={t('needsAttention')} bodyClassName="px-3 py-1.5">
      {props.items === undefined ? (
        <div className="flex flex-col gap-3 py-2">
          <Skeleton className="w-3/4" />
          <Skeleton className="w-1/2" />
        </div>
      ) : props.items.length === 0 ? (
        <p className="py-2 text-muted">
          <StateMark state="healthy">{t('nothingWrong')}</StateMark>
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {props.items.map((item) => (
            <AttentionRow
              key={`${item.kind}:${item.subject ?? ''}`}
              cluster={props.cluster}
              item={item}
            />
          ))}
        </ul>
      )}
    </Panel>
  )
}
