'use client'

import { Plus, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, useId, useState } from 'react'
import { type CompressionType, compressionType } from '../../contracts/messages.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useProduceMessage } from '../../hooks/use-messages.ts'
import { Button } from '../ui/button.tsx'
import { LabelledCheckbox } from '../ui/checkbox.tsx'
import { Field } from '../ui/field.tsx'
import { Input, Textarea } from '../ui/input.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Select } from '../ui/select.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { StateMark } from '../ui/state-mark.tsx'

type Header = { readonly id: number; readonly key: string; readonly value: string }

type Draft = {
  partition: string
  hasKey: boolean
  key: string
  isTombstone: boolean
  value: string
  headers: readonly Header[]
  compression: CompressionType
}

const EMPTY: Draft = {
  partition: 'any',
  hasKey: true,
  key: '',
  isTombstone: false,
  value: '',
  headers: [],
  compression: 'none',
}

const COMPRESSIONS = compressionType.options.map((value) => ({ value, label: value }))

const HeaderFields = (props: { draft: Draft; onChange: (draft: Draft) => void }) => {
  const t = useTranslations('messages')
  const { draft, onChange } = props
  const set = (id: number, change: Partial<Header>) =>
    onChange({
      ...draft,
      headers: draft.headers.map((one) => (one.id === id ? { ...one, ...change } : one)),
    })
  const nextId = Math.max(0, ...draft.headers.map((one) => one.id)) + 1
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="pb-1 text-xs font-medium">{t('headers')}</legend>
      {draft.headers.map((header) => (
        <div key={header.id} className="flex items-center gap-2">
          <Input
            aria-label={t('headerKey')}
            placeholder={t('headerKey')}
            className="w-2/5 font-mono"
            value={header.key}
            onChange={(event) => set(header.id, { key: event.target.value })}
          />
          <Input
            aria-label={t('headerValue')}
            placeholder={t('headerValue')}
            className="font-mono"
            value={header.value}
            onChange={(event) => set(header.id, { value: event.target.value })}
          />
          <Button
            variant="ghost"
            size="icon"
            aria-label={t('removeHeader', { key: header.key })}
            onClick={() =>
              onChange({ ...draft, headers: draft.headers.filter((one) => one.id !== header.id) })
            }
          >
            <X aria-hidden />
          </Button>
        </div>
      ))}
      <Button
        size="sm"
        className="self-start"
        onClick={() =>
          onChange({ ...draft, headers: [...draft.headers, { id: nextId, key: '', value: '' }] })
        }
      >
        <Plus aria-hidden />
        {t('addHeader')}
      </Button>
    </fieldset>
  )
}

const DraftFields = (props: {
  draft: Draft
  partitions: number
  onChange: (draft: Draft) => void
}) => {
  const t = useTranslations('messages')
  const { draft, partitions, onChange } = props
  const options = [
    { value: 'any', label: t('byKey') },
    ...Array.from({ length: partitions }, (_, id) => ({
      value: String(id),
      label: t('partitionOption', { id }),
    })),
  ]
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t('partition')}>
          {(control) => (
            <Select
              {...control}
              value={draft.partition}
              onValueChange={(partition) => onChange({ ...draft, partition })}
              options={options}
            />
          )}
        </Field>
        <Field label={t('compression')}>
          {(control) => (
            <Select
              {...control}
              value={draft.compression}
              onValueChange={(value) =>
                onChange({ ...draft, compression: compressionType.parse(value) })
              }
              options={COMPRESSIONS}
            />
          )}
        </Field>
      </div>
      <Field label={t('key')}>
        {(control) => (
          <Input
            {...control}
            className="font-mono"
            disabled={!draft.hasKey}
            value={draft.hasKey ? draft.key : ''}
            onChange={(event) => onChange({ ...draft, key: event.target.value })}
          />
        )}
      </Field>
      <LabelledCheckbox
        label={t('noKey')}
        checked={!draft.hasKey}
        onCheckedChange={(checked) => onChange({ ...draft, hasKey: checked !== true })}
      />
      <Field label={t('value')}>
        {(control) => (
          <Textarea
            {...control}
            className="min-h-40 font-mono text-xs"
            spellCheck={false}
            disabled={draft.isTombstone}
            value={draft.isTombstone ? '' : draft.value}
            onChange={(event) => onChange({ ...draft, value: event.target.value })}
          />
        )}
      </Field>
      <LabelledCheckbox
        label={t('tombstone')}
        checked={draft.isTombstone}
        onCheckedChange={(checked) => onChange({ ...draft, isTombstone: checked === true })}
      />
      <HeaderFields draft={draft} onChange={onChange} />
    </>
  )
}

export const ProduceSheet = (props: {
  cluster: string
  topic: string
  partitions: number
  onClose: () => void
}) => {
  const { cluster, topic, partitions, onClose } = props
  const t = useTranslations('messages')
  const common = useTranslations('common')
  const formats = useFormats()
  const formId = useId()
  const [draft, setDraft] = useState(EMPTY)
  const produce = useProduceMessage(cluster, topic)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    produce.mutate({
      partition: draft.partition === 'any' ? null : Number(draft.partition),
      key: draft.hasKey ? draft.key : null,
      value: draft.isTombstone ? null : draft.value,
      headers: draft.headers
        .filter((header) => header.key !== '')
        .map(({ key, value }) => ({ key, value })),
      compression: draft.compression,
    })
  }
  return (
    <Sheet
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('produceTitle')}
      description={topic}
      footer={
        <>
          <Button onClick={onClose}>{produce.isSuccess ? common('done') : common('cancel')}</Button>
          <Button type="submit" form={formId} variant="primary" disabled={produce.isPending}>
            {produce.isPending ? t('producing') : t('produce')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-3">
        <DraftFields draft={draft} partitions={partitions} onChange={setDraft} />
        <div aria-live="polite">
          {produce.data ? (
            <StateMark state="healthy">
              {t('produced', {
                partition: produce.data.partition,
                offset: formats.exact(produce.data.offset),
              })}
            </StateMark>
          ) : null}
          {produce.error ? <ProblemNote error={produce.error} /> : null}
        </div>
      </form>
    </Sheet>
  )
}
