'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { GroupDetail, ResetOffsetsOutput } from '../../contracts/groups.ts'
import { type ResetOffsetsBody, useResetOffsets } from '../../hooks/use-groups.ts'
import { usePreferences } from '../../hooks/use-preferences.tsx'
import { useProductionName } from '../../hooks/use-production.ts'
import { fromInputDateTime, toInputDateTime } from '../../lib/format-time.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Figure } from '../ui/figure.tsx'
import { Input } from '../ui/input.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { usePartErrorText } from '../ui/problem-text.ts'
import { Select } from '../ui/select.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'
import { useTypedName } from '../ui/use-typed-name.tsx'

const TARGETS = ['earliest', 'latest', 'offset', 'time', 'shift'] as const
type Target = (typeof TARGETS)[number]

const ALL = '*'

type Draft = {
  topic: string
  partition: string
  to: Target
  offset: string
  timeMs: number
  by: string
}

const bodyOf = (draft: Draft): ResetOffsetsBody | null => {
  const partitions =
    draft.topic === ALL
      ? null
      : [
          {
            topic: draft.topic,
            partition: draft.partition === ALL ? null : Number(draft.partition),
          },
        ]
  const base = { to: draft.to, partitions }
  if (draft.to === 'offset') {
    return /^\d+$/.test(draft.offset) ? { ...base, offset: Number(draft.offset) } : null
  }
  if (draft.to === 'time') return { ...base, time: draft.timeMs }
  if (draft.to === 'shift') {
    return /^-?\d+$/.test(draft.by) ? { ...base, by: Number(draft.by) } : null
  }
  return base
}

const ScopeFields = (props: {
  group: GroupDetail
  draft: Draft
  onChange: (draft: Draft) => void
}) => {
  const t = useTranslations('resetOffsets')
  const { group, draft, onChange } = props
  const topics = [...new Set(group.partitions.map((one) => one.topic))].sort()
  const partitions = group.partitions.filter((one) => one.topic === draft.topic)
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field label={t('topic')}>
        {(control) => (
          <Select
            {...control}
            value={draft.topic}
            onValueChange={(topic) => onChange({ ...draft, topic, partition: ALL })}
            options={[
              { value: ALL, label: t('allTopics') },
              ...topics.map((topic) => ({ value: topic, label: topic })),
            ]}
          />
        )}
      </Field>
      <Field label={t('partition')}>
        {(control) => (
          <Select
            {...control}
            disabled={draft.topic === ALL}
            value={draft.partition}
            onValueChange={(partition) => onChange({ ...draft, partition })}
            options={[
              { value: ALL, label: t('allPartitions') },
              ...partitions.map((one) => ({
                value: String(one.partition),
                label: String(one.partition),
              })),
            ]}
          />
        )}
      </Field>
    </div>
  )
}

const TargetFields = (props: { draft: Draft; onChange: (draft: Draft) => void }) => {
  const t = useTranslations('resetOffsets')
  const { timeZone } = usePreferences()
  const { draft, onChange } = props
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field label={t('to')} hint={t(`hint.${draft.to}`)}>
        {(control) => (
          <Select
            {...control}
            value={draft.to}
            onValueChange={(value) =>
              onChange({ ...draft, to: TARGETS.find((one) => one === value) ?? 'earliest' })
            }
            options={TARGETS.map((to) => ({ value: to, label: t(`target.${to}`) }))}
          />
        )}
      </Field>
      {draft.to === 'offset' ? (
        <Field label={t('offset')}>
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              value={draft.offset}
              onChange={(event) => onChange({ ...draft, offset: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      {draft.to === 'time' ? (
        <Field label={t('time')}>
          {(control) => (
            <Input
              {...control}
              type="datetime-local"
              step={1}
              value={toInputDateTime(draft.timeMs, timeZone)}
              onChange={(event) =>
                onChange({
                  ...draft,
                  timeMs: fromInputDateTime(event.target.value, timeZone) ?? draft.timeMs,
                })
              }
            />
          )}
        </Field>
      ) : null}
      {draft.to === 'shift' ? (
        <Field label={t('by')}>
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              value={draft.by}
              onChange={(event) => onChange({ ...draft, by: event.target.value })}
            />
          )}
        </Field>
      ) : null}
    </div>
  )
}

const ResetTable = ({ result }: { result: ResetOffsetsOutput }) => {
  const t = useTranslations('resetOffsets')
  const errorText = usePartErrorText()
  return (
    <SimpleTable
      label={t('partitions')}
      className="max-h-100 overflow-y-auto rounded-md border border-line"
    >
      <thead>
        <tr>
          <Th className="sticky top-0">{t('partition')}</Th>
          <Th className="sticky top-0 text-right">{t('before')}</Th>
          <Th className="sticky top-0 text-right">{t('after')}</Th>
          <Th className="sticky top-0 text-right">{t('lagBefore')}</Th>
          <Th className="sticky top-0 text-right">{t('lagAfter')}</Th>
        </tr>
      </thead>
      <tbody>
        {result.items.map((item) => (
          <tr key={`${item.topic}-${item.partition}`}>
            <Td className="font-mono break-all">
              {item.topic}-{item.partition}
              {item.error ? (
                <span className="block font-sans text-xs text-crit">
                  {errorText(item.error)} <code className="font-mono">{item.error.code}</code>
                </span>
              ) : null}
            </Td>
            <Td className="text-right">
              <Figure value={item.before} unit="offset" missing={t('noCommit')} />
            </Td>
            <Td className="text-right font-medium">
              <Figure value={item.after} unit="offset" />
            </Td>
            <Td className="text-right">
              <Figure value={item.lagBefore} unit="records" missing={t('noCommit')} />
            </Td>
            <Td className="text-right">
              <Figure value={item.lagAfter} unit="records" />
            </Td>
          </tr>
        ))}
      </tbody>
    </SimpleTable>
  )
}

const Outcome = ({ result }: { result: ResetOffsetsOutput }) => {
  const t = useTranslations('resetOffsets')
  const failed = result.items.filter((item) => item.error !== null).length
  const moved = result.items.filter((item) => item.error === null && item.before !== item.after)
  return (
    <div aria-live="polite" className="flex flex-col gap-3">
      <StateMark state={failed > 0 ? 'attention' : result.dryRun ? 'unknown' : 'healthy'}>
        {result.dryRun
          ? t('preview', { count: moved.length, failed })
          : t('done', { count: result.items.length - failed, failed })}
      </StateMark>
      <ResetTable result={result} />
    </div>
  )
}

export const ResetOffsetsSheet = (props: {
  cluster: string
  group: GroupDetail
  onClose: () => void
}) => {
  const { cluster, group, onClose } = props
  const t = useTranslations('resetOffsets')
  const common = useTranslations('common')
  const [draft, setDraft] = useState<Draft>(() => ({
    topic: ALL,
    partition: ALL,
    to: 'earliest',
    offset: '0',
    timeMs: Date.now() - 3_600_000,
    by: '-100',
  }))
  const preview = useResetOffsets(cluster, group.id)
  const apply = useResetOffsets(cluster, group.id)
  const name = useTypedName(useProductionName(cluster))
  const body = bodyOf(draft)
  const change = (next: Draft) => {
    setDraft(next)
    preview.reset()
  }
  const isLive = group.members > 0
  const result = apply.data ?? preview.data
  const error = apply.error ?? preview.error
  return (
    <Sheet
      open
      width="lg"
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('title')}
      description={group.id}
      footer={
        apply.isSuccess ? (
          <Button variant="primary" onClick={onClose}>
            {common('done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{common('cancel')}</Button>
            <Button
              disabled={body === null || preview.isPending}
              onClick={() => body && preview.mutate({ ...body, dryRun: true })}
            >
              {preview.isPending ? t('previewing') : t('doPreview')}
            </Button>
            <Button
              variant="primary"
              disabled={
                !preview.isSuccess || isLive || apply.isPending || body === null || !name.isGiven
              }
              onClick={() => body && apply.mutate({ ...body, dryRun: false })}
            >
              {apply.isPending ? t('busy') : t('do')}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        {isLive && !apply.isSuccess ? (
          <StateMark state="attention">{t('hasMembers', { count: group.members })}</StateMark>
        ) : null}
        {apply.isSuccess ? null : (
          <>
            <ScopeFields group={group} draft={draft} onChange={change} />
            <TargetFields draft={draft} onChange={change} />
          </>
        )}
        {error ? <ProblemNote error={error} /> : null}
        {result ? <Outcome result={result} /> : null}
        {preview.isSuccess && !apply.isSuccess ? name.field : null}
      </div>
    </Sheet>
  )
}
