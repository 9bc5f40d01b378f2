'use client'

import { Radio, Search } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { usePreferences } from '../../hooks/use-preferences.tsx'
import { fromInputDateTime, toInputDateTime } from '../../lib/format-time.ts'
import { Button } from '../ui/button.tsx'
import { LabelledCheckbox } from '../ui/checkbox.tsx'
import { Input } from '../ui/input.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Select } from '../ui/select.tsx'
import { type BrowseState, FIELDS, LIMITS, STARTS } from './use-browse-state.ts'

type FormProps = {
  state: BrowseState
  partitions: number
  isBusy: boolean
  /** Also called with the same state, to read again. */
  onApply: (state: Partial<BrowseState>) => void
}

const ALL = 'all'

const StartField = (props: { draft: BrowseState; onChange: (draft: BrowseState) => void }) => {
  const t = useTranslations('messages')
  const { timeZone } = usePreferences()
  const { draft, onChange } = props
  return (
    <>
      <Segmented
        aria-label={t('startAt')}
        value={draft.from}
        onValueChange={(from) => onChange({ ...draft, from })}
        options={STARTS.map((start) => ({ value: start, label: t(`start.${start}`) }))}
      />
      {draft.from === 'offset' ? (
        <Input
          type="number"
          min={0}
          aria-label={t('offset')}
          className="w-32"
          value={draft.offset}
          onChange={(event) => onChange({ ...draft, offset: Number(event.target.value) })}
        />
      ) : null}
      {draft.from === 'time' ? (
        <Input
          type="datetime-local"
          step={1}
          aria-label={t('startTime')}
          className="w-52"
          value={draft.time === null ? '' : toInputDateTime(draft.time, timeZone)}
          onChange={(event) =>
            onChange({ ...draft, time: fromInputDateTime(event.target.value, timeZone) })
          }
        />
      ) : null}
    </>
  )
}

/** Where to read and what to look for; reading starts on submit, since a scan is work. */
export const BrowseForm = ({ state, partitions, isBusy, onApply }: FormProps) => {
  const t = useTranslations('messages')
  const [draft, setDraft] = useState(state)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onApply({ ...draft, live: false })
  }
  const partitionOptions = [
    { value: ALL, label: t('allPartitions') },
    ...Array.from({ length: partitions }, (_, id) => ({
      value: String(id),
      label: t('partitionOption', { id }),
    })),
  ]
  const toggleField = (field: (typeof FIELDS)[number]) =>
    setDraft({
      ...draft,
      in: draft.in.includes(field) ? draft.in.filter((one) => one !== field) : [...draft.in, field],
    })
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2" aria-label={t('browse')}>
      <StartField draft={draft} onChange={setDraft} />
      <Select
        aria-label={t('partition')}
        className="w-36"
        value={draft.partition === null ? ALL : String(draft.partition)}
        onValueChange={(value) =>
          setDraft({ ...draft, partition: value === ALL ? null : Number(value) })
        }
        options={partitionOptions}
      />
      <div className="relative w-64 max-w-full">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted"
        />
        <Input
          data-page-search=""
          aria-label={t('contains')}
          placeholder={t('contains')}
          className="pl-8"
          value={draft.contains}
          onChange={(event) => setDraft({ ...draft, contains: event.target.value })}
        />
      </div>
      {draft.contains === '' ? null : (
        <fieldset className="flex items-center gap-3">
          <legend className="sr-only">{t('lookIn')}</legend>
          {FIELDS.map((field) => (
            <LabelledCheckbox
              key={field}
              label={t(`field.${field}`)}
              checked={draft.in.includes(field)}
              onCheckedChange={() => toggleField(field)}
            />
          ))}
        </fieldset>
      )}
      <Select
        aria-label={t('limit')}
        className="w-36"
        value={String(draft.limit)}
        onValueChange={(value) => setDraft({ ...draft, limit: Number(value) })}
        options={LIMITS.map((limit) => ({ value: String(limit), label: t('atMost', { limit }) }))}
      />
      <Button type="submit" variant="primary" disabled={isBusy}>
        {isBusy ? t('reading') : t('read')}
      </Button>
      <Button
        aria-pressed={state.live}
        className={state.live ? 'border-accent bg-accent-soft text-accent' : undefined}
        onClick={() => onApply({ ...draft, live: !state.live })}
      >
        <Radio aria-hidden />
        {state.live ? t('stopTail') : t('tail')}
      </Button>
    </form>
  )
}
