'use client'

import { History } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { ClusterEvent } from '../../contracts/events.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useActionWords } from '../activity/use-action-words.ts'
import { Button } from '../ui/button.tsx'
import { type State, StateShape } from '../ui/state-mark.tsx'
import { type ChangeLine, changeLines, isrGrowth } from './change-lines.ts'
import { useEventWords } from './use-event-words.ts'

const LINES_SHOWN = 4

/** Safe because `has` is asked before a key that was made is used. */
const fieldKey = (name: string) => `field.${name}` as 'field.state'

const stateOf = (event: ClusterEvent): State => {
  const { type, after } = event
  if (type === 'broker')
    return after?.state === 'offline' || after === null ? 'critical' : 'healthy'
  if (type === 'cluster') return after?.reach === 'read' ? 'healthy' : 'critical'
  if (type === 'isr') return isrGrowth(event) < 0 ? 'attention' : 'healthy'
  if (type === 'leader' && Object.values(after ?? {}).includes(null)) return 'critical'
  return type === 'topic-deleted' ? 'attention' : 'unknown'
}

const useTimeText = () => {
  const formats = useFormats()
  return (line: ChangeLine, value: string | null): string | null =>
    value !== null && line.name === 'startedAt' ? formats.dateTime(Number(value)) : value
}

const Values = ({ event }: { event: ClusterEvent }) => {
  const t = useTranslations('events')
  const [isOpen, setIsOpen] = useState(false)
  const timeText = useTimeText()
  const lines = changeLines(event)
  const shown = isOpen ? lines : lines.slice(0, LINES_SHOWN)
  // What did not exist had no values that could have changed.
  const isNew = event.before === null
  const isByPartition = event.bulk === null && /^(leader|isr|replicas)$/.test(event.type)
  const nameOf = ({ name }: ChangeLine): string => {
    if (isByPartition) return t('partition', { id: name })
    if (event.bulk !== null && name !== 'none') return t('broker', { id: name })
    const word = fieldKey(name)
    return event.type !== 'config' && event.type !== 'members' && t.has(word) ? t(word) : name
  }
  if (lines.length === 0 && event.bulk === null) return null
  return (
    <div className="min-w-0 text-sm text-muted">
      <ul className="flex flex-wrap gap-x-4 gap-y-0.5">
        {shown.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two members may have one name.
          <li key={index} className="min-w-0 break-words">
            {nameOf(line)}:{' '}
            <span className="font-mono text-xs">
              {isNew ? null : (
                <>
                  <span>{timeText(line, line.before) || '–'}</span>
                  <span aria-hidden> → </span>
                  <span className="sr-only">{t('to')}</span>
                </>
              )}
              <span className="text-ink">{timeText(line, line.after) || '–'}</span>
            </span>
          </li>
        ))}
      </ul>
      {event.bulk ? (
        <p className="truncate font-mono text-xs" title={event.bulk.names.join(', ')}>
          {event.bulk.names.join(', ')}
          {event.bulk.subjects > event.bulk.names.length ? ' …' : ''}
        </p>
      ) : null}
      {lines.length > LINES_SHOWN ? (
        <Button
          variant="link"
          size="sm"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          className="text-xs"
        >
          {isOpen ? t('less') : t('allLines', { count: lines.length })}
        </Button>
      ) : null}
    </div>
  )
}

const Subject = ({ cluster, event }: { cluster: string; event: ClusterEvent }) => {
  const t = useTranslations('events')
  const links = useConsoleLinks()
  const { subject, subjectType, type } = event
  if (subjectType === 'cluster') return <span className="font-medium">{t(`kind.${type}`)}</span>
  const isDefault = subjectType === 'broker' && Number.isNaN(Number(subject))
  if (isDefault) return <span className="font-medium">{t('defaultConfig')}</span>
  const href =
    subjectType === 'broker'
      ? links.broker(cluster, Number(subject))
      : subjectType === 'topic'
        ? links.topic(cluster, subject)
        : links.group(cluster, subject)
  return (
    <Link
      href={href}
      className={
        subjectType === 'broker'
          ? 'font-medium underline-offset-2 hover:underline'
          : 'font-mono font-medium break-all underline-offset-2 hover:underline'
      }
    >
      {subjectType === 'broker' ? t('broker', { id: subject }) : subject}
    </Link>
  )
}

type EventRowProps = {
  cluster: string
  event: ClusterEvent
  onActor: (actor: string) => void
}

/** One line of the timeline: when, what, before and after, and who. */
export const EventRow = ({ cluster, event, onActor }: EventRowProps) => {
  const t = useTranslations('events')
  const links = useConsoleLinks()
  const formats = useFormats()
  const words = useEventWords()
  const actionWords = useActionWords()
  return (
    <li className="grid grid-cols-[auto_1fr_auto] items-start gap-x-3 border-t border-line px-3 py-1.5 first:border-t-0">
      <time
        dateTime={new Date(event.at).toISOString()}
        title={formats.dateTime(event.at)}
        className="tabular flex items-center gap-2 pt-0.5 text-xs text-muted"
      >
        <StateShape state={stateOf(event)} />
        {formats.clockSeconds(event.at)}
      </time>
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <Subject cluster={cluster} event={event} />
          <span>{words(event)}</span>
          {event.actor === null ? null : (
            <span className="text-sm text-muted">
              {event.action === null ? null : `${actionWords(event.action)} · `}
              <button
                type="button"
                title={t('onlyActor')}
                onClick={() => onActor(event.actor ?? '')}
                className="text-accent underline-offset-2 hover:underline"
              >
                {event.actor}
              </button>
            </span>
          )}
        </p>
        <Values event={event} />
      </div>
      <Button asChild variant="ghost" size="iconSm">
        <Link
          href={links.topics(cluster, { at: event.at - 1 })}
          aria-label={t('asBefore', { time: formats.dateTime(event.at) })}
          title={t('asBefore', { time: formats.dateTime(event.at) })}
        >
          <History aria-hidden />
        </Link>
      </Button>
    </li>
  )
}
