'use client'

import { useTranslations } from 'next-intl'
import { type FormEvent, useEffect, useState } from 'react'
import type { ChartScope } from '../../contracts/charts.ts'
import { useBrokers } from '../../hooks/use-brokers.ts'
import { useTopics } from '../../hooks/use-topics.ts'
import { Button } from '../ui/button.tsx'
import { cn } from '../ui/cn.ts'
import { Input } from '../ui/input.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Select } from '../ui/select.tsx'
import type { MetricsView, SetMetricsView, Versus } from './use-metrics-view.ts'

const VERSUS_OPTIONS = ['none', 'hour', 'day', 'week'] as const
/** As many as the list of topics proposes. */
const PROPOSED = 20

type Part = { cluster: string; view: MetricsView; set: SetMetricsView }

/** Each broker can be taken in and out; none chosen means all. */
const BrokerChoice = ({ cluster, view, set }: Part) => {
  const t = useTranslations('metrics')
  const brokers = useBrokers(cluster)
  const toggle = (id: string) => {
    const next = view.names.includes(id)
      ? view.names.filter((one) => one !== id)
      : [...view.names, id]
    void set({ names: next.length === 0 ? null : next })
  }
  return (
    <fieldset className="flex flex-wrap items-center gap-1" aria-label={t('brokers')}>
      {(brokers.data?.items ?? []).map(({ id }) => {
        const isChosen = view.names.includes(String(id))
        return (
          <Button
            key={id}
            size="sm"
            variant="ghost"
            aria-pressed={isChosen}
            onClick={() => toggle(String(id))}
            className={cn('border border-line', isChosen && 'bg-accent-soft text-accent')}
          >
            {t('broker', { id })}
          </Button>
        )
      })}
    </fieldset>
  )
}

const TopicChoice = ({ cluster, view, set }: Part) => {
  const t = useTranslations('metrics')
  const chosen = view.names.join(', ')
  const [text, setText] = useState(chosen)
  useEffect(() => setText(chosen), [chosen])
  const last = text.slice(text.lastIndexOf(',') + 1).trim()
  const topics = useTopics(cluster, {
    sort: 'name',
    pageSize: PROPOSED,
    ...(last === '' ? {} : { search: last }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const names = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
    void set({ names: names.length === 0 ? null : names })
  }
  const before = text.slice(0, text.length - text.slice(text.lastIndexOf(',') + 1).length)
  return (
    <form onSubmit={submit} className="w-72 max-w-full">
      <Input
        aria-label={t('topicsField')}
        placeholder={`${t('topicsField')}: ${t('topicsHint')}`}
        list="metrics-topics"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={submit}
      />
      <datalist id="metrics-topics">
        {(topics.data?.items ?? []).map(({ name }) => (
          <option key={name} value={before === '' ? name : `${before} ${name}`} />
        ))}
      </datalist>
    </form>
  )
}

/** What the charts show and compare; all of it is in the address. */
export const MetricsToolbar = (props: Part) => {
  const { view, set } = props
  const t = useTranslations('metrics')
  const scopes: { value: ChartScope; label: string }[] = [
    { value: 'cluster', label: t('scopeCluster') },
    { value: 'broker', label: t('scopeBroker') },
    { value: 'topic', label: t('scopeTopic') },
  ]
  const versusLabel: Record<Versus, string> = {
    none: t('versusNone'),
    hour: t('versusHour'),
    day: t('versusDay'),
    week: t('versusWeek'),
  }
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Segmented
        aria-label={t('scope')}
        value={view.scope}
        onValueChange={(scope) => set({ scope, names: null })}
        options={scopes}
      />
      {view.scope === 'broker' ? <BrokerChoice {...props} /> : null}
      {view.scope === 'topic' ? <TopicChoice {...props} /> : null}
      <Select
        aria-label={t('versus')}
        value={view.versus}
        onValueChange={(value) => {
          const vs = VERSUS_OPTIONS.find((one) => one === value)
          if (vs) void set({ vs })
        }}
        options={VERSUS_OPTIONS.map((value) => ({ value, label: versusLabel[value] }))}
      />
      <Segmented
        aria-label={t('arrange')}
        value={view.isSideBySide ? 'side' : 'one'}
        onValueChange={(value) => set({ side: value === 'side' })}
        options={[
          { value: 'one', label: t('overlay') },
          { value: 'side', label: t('sideBySide') },
        ]}
      />
      <SearchInput
        value={view.search}
        onChange={(q) => set({ q: q === '' ? null : q })}
        label={t('search')}
        isPageSearch
        className="w-52"
      />
    </div>
  )
}
