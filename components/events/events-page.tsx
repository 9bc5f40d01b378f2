'use client'

import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { type ClusterEvent, eventSubjectType, eventType } from '../../contracts/events.ts'
import { useEvents } from '../../hooks/use-events.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useTimeRange } from '../../hooks/use-time-range.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { AsOf } from '../ui/age.tsx'
import { Button } from '../ui/button.tsx'
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Panel } from '../ui/panel.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { EventRow } from './event-row.tsx'

const urlState = {
  types: parseAsArrayOf(parseAsStringLiteral(eventType.options)).withDefault([]),
  search: parseAsString.withDefault(''),
  actor: parseAsString.withDefault(''),
  subjectType: parseAsStringLiteral(eventSubjectType.options),
  subject: parseAsString,
}

const useEventsState = () => useQueryStates(urlState)
type EventsState = ReturnType<typeof useEventsState>

const Chosen = ({ label, onClear }: { label: string; onClear: () => void }) => {
  const t = useTranslations('events')
  return (
    <Button size="sm" onClick={onClear} aria-label={t('clear', { label })}>
      <span className="max-w-60 truncate">{label}</span>
      <X aria-hidden />
    </Button>
  )
}

const Toolbar = ({ pair }: { pair: EventsState }) => {
  const t = useTranslations('events')
  const [state, setState] = pair
  const chosen = new Set(state.types)
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <SearchInput
        isPageSearch
        label={t('search')}
        value={state.search}
        onChange={(search) => setState({ search })}
      />
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button>{chosen.size === 0 ? t('allKinds') : t('kinds', { count: chosen.size })}</Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          {eventType.options.map((type) => (
            <DropdownMenuCheckboxItem
              key={type}
              checked={chosen.has(type)}
              onSelect={(event) => event.preventDefault()}
              onCheckedChange={(isOn) =>
                setState({
                  types: isOn ? [...state.types, type] : state.types.filter((one) => one !== type),
                })
              }
            >
              {t(`kind.${type}`)}
            </DropdownMenuCheckboxItem>
          ))}
        </DropdownMenuContent>
      </DropdownMenu>
      {state.types.length > 0 ? (
        <Button variant="ghost" size="sm" onClick={() => setState({ types: [] })}>
          {t('allKinds')}
        </Button>
      ) : null}
      {state.actor === '' ? null : (
        <Chosen label={state.actor} onClear={() => setState({ actor: '' })} />
      )}
      {state.subject === null ? null : (
        <Chosen
          label={state.subject}
          onClear={() => setState({ subject: null, subjectType: null })}
        />
      )}
    </div>
  )
}

/** Runs of events of one minute, days apart. */
const useGroups = (events: readonly ClusterEvent[]) => {
  const formats = useFormats()
  return useMemo(() => {
    const days: { day: string; minutes: { minute: string; events: ClusterEvent[] }[] }[] = []
    for (const event of events) {
      const day = formats.day(event.at)
      const minute = formats.clock(event.at)
      const lastDay = days.at(-1)
      if (lastDay?.day !== day) days.push({ day, minutes: [{ minute, events: [event] }] })
      else {
        const last = lastDay.minutes.at(-1)
        if (last?.minute === minute) last.events.push(event)
        else lastDay.minutes.push({ minute, events: [event] })
      }
    }
    return days
  }, [events, formats])
}

const Timeline = (props: {
  cluster: string
  events: readonly ClusterEvent[]
  onActor: (actor: string) => void
}) => {
  const days = useGroups(props.events)
  return days.map(({ day, minutes }) => (
    <section key={day} aria-label={day} className="flex flex-col gap-2">
      <h2 className="text-sm font-semibold text-muted">{day}</h2>
      {minutes.map(({ minute, events }) => (
        <Panel
          key={`${minute} ${events[0]?.id}`}
          className="[content-visibility:auto] [contain-intrinsic-size:auto_80px]"
          bodyClassName="p-0"
        >
          <ul aria-label={`${day} ${minute}`}>
            {events.map((event) => (
              <EventRow
                key={event.id}
                cluster={props.cluster}
                event={event}
                onActor={props.onActor}
              />
            ))}
          </ul>
        </Panel>
      ))}
    </section>
  ))
}

export const EventsPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('events')
  const pair = useEventsState()
  const [state, setState] = pair
  const [, setRange] = useTimeRange()
  const { subject, subjectType } = state
  const query = useEvents(cluster, {
    ...{ types: state.types, search: state.search, actor: state.actor },
    ...(subject !== null && subjectType !== null ? { subject, subjectType } : {}),
  })
  const pages = query.data?.pages
  const events = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages])
  const count = events.length
  const isMore = query.hasNextPage
  return (
    <>
      <PageHeader
        title={t('title')}
        verdict={
          pages ? (
            <span className="text-muted">
              {t('verdict', { count, more: isMore ? 'yes' : 'no' })}
            </span>
          ) : null
        }
        aside={pages ? <AsOf asOf={pages[0]?.asOf} /> : null}
      />
      <Toolbar pair={pair} />
      {query.error ? <ProblemNote error={query.error} onRetry={() => query.refetch()} /> : null}
      <div className="flex flex-col gap-4">
        {pages === undefined && !query.error ? <Skeleton className="h-60 w-full" /> : null}
        {pages !== undefined && count === 0 ? (
          <EmptyState
            title={t('emptyTitle')}
            action={
              <Button onClick={() => setRange({ kind: 'relative', range: '7d' })}>
                {t('lookBack')}
              </Button>
            }
          >
            {t('emptyText')}
          </EmptyState>
        ) : null}
        <Timeline cluster={cluster} events={events} onActor={(actor) => setState({ actor })} />
        {isMore ? (
          <Button
            className="self-center"
            disabled={query.isFetchingNextPage}
            onClick={() => query.fetchNextPage()}
          >
            {t('older')}
          </Button>
        ) : null}
      </div>
    </>
  )
}
