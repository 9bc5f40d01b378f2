'use client'

import { useTranslations } from 'next-intl'
import { useEffect } from 'react'
import type { PatchConfigsOutput } from '../../contracts/configs.ts'
import { type ConfigEntity, usePatchConfigs } from '../../hooks/use-configs.ts'
import { useProductionName } from '../../hooks/use-production.ts'
import { Button } from '../ui/button.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { useTypedName } from '../ui/use-typed-name.tsx'
import { type ConfigEdits, patchOf } from './edits.ts'

const DiffLines = ({ changes }: { changes: PatchConfigsOutput['changes'] }) => {
  const t = useTranslations('config')
  return (
    <ul className="flex flex-col gap-3">
      {changes.map((change) => (
        <li key={change.name} className="overflow-hidden rounded-md border border-line">
          <p className="border-b border-line bg-raised px-3 py-1 font-mono font-medium break-all">
            {change.name}
          </p>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)_auto]">
            <dt className="bg-crit-soft px-3 py-1 text-crit">
              <span aria-hidden>−</span>
              <span className="sr-only">{t('before')}</span>
            </dt>
            <dd className="bg-crit-soft py-1 font-mono break-all">{change.before ?? t('unset')}</dd>
            <dd className="flex items-center bg-crit-soft px-3 py-1 text-xs text-muted">
              {t(`source.${change.beforeSource}`)}
            </dd>
            <dt className="bg-ok-soft px-3 py-1 text-ok">
              <span aria-hidden>+</span>
              <span className="sr-only">{t('after')}</span>
            </dt>
            <dd className="bg-ok-soft py-1 font-mono break-all">{change.after ?? t('unset')}</dd>
            <dd className="flex items-center bg-ok-soft px-3 py-1 text-xs text-muted">
              {t(`source.${change.afterSource}`)}
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  )
}

/** The cluster itself validates and gives the diff; only then can it be applied. */
export const ReviewSheet = (props: {
  cluster: string
  entity: ConfigEntity
  edits: ConfigEdits
  onClose: () => void
  onApplied: () => void
}) => {
  const { cluster, entity, edits, onClose, onApplied } = props
  const t = useTranslations('config')
  const common = useTranslations('common')
  const preview = usePatchConfigs(cluster, entity)
  const apply = usePatchConfigs(cluster, entity)
  const name = useTypedName(useProductionName(cluster))
  const ask = preview.mutate
  useEffect(() => ask({ ...patchOf(edits), dryRun: true }), [ask, edits])
  const error = apply.error ?? preview.error
  const result = apply.data ?? preview.data
  return (
    <Sheet
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('reviewTitle')}
      description={t('reviewText')}
      footer={
        apply.isSuccess ? (
          <Button variant="primary" onClick={onClose}>
            {common('done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{common('cancel')}</Button>
            <Button
              variant="primary"
              disabled={
                !preview.isSuccess ||
                preview.data.changes.length === 0 ||
                apply.isPending ||
                !name.isGiven
              }
              onClick={() =>
                apply.mutate({ ...patchOf(edits), dryRun: false }, { onSuccess: onApplied })
              }
            >
              {apply.isPending
                ? t('applying')
                : t('apply', { count: preview.data?.changes.length ?? 0 })}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4" aria-live="polite">
        {error ? <ProblemNote error={error} /> : null}
        {apply.isSuccess ? <StateMark state="healthy">{t('applied')}</StateMark> : null}
        {result ? (
          result.changes.length === 0 ? (
            <p className="text-muted">{t('noChange')}</p>
          ) : (
            <DiffLines changes={result.changes} />
          )
        ) : error ? null : (
          <Skeleton className="h-24 w-full" />
        )}
        {apply.isSuccess ? null : name.field}
      </div>
    </Sheet>
  )
}
