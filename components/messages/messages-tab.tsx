'use client'

import { ArrowRight, ChevronsLeft, Download, PenLine } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { ListMessagesOutput, Message } from '../../contracts/messages.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { type Tail, useMessages, useTail } from '../../hooks/use-messages.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { saveAs } from '../charts/export.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { BrowseForm } from './browse-form.tsx'
import { messagesJsonLines } from './content.ts'
import { MessageList } from './message-list.tsx'
import { ProduceSheet } from './produce-sheet.tsx'
import {
  type BrowseState,
  messagesQueryOf,
  tailQueryOf,
  useBrowseState,
} from './use-browse-state.ts'

const ReadSummary = ({ result }: { result: ListMessagesOutput }) => {
  const t = useTranslations('messages')
  const formats = useFormats()
  const failed = result.partitions.filter((one) => one.error !== null)
  return (
    <p className="text-xs text-muted" role="status">
      {t('summary', {
        shown: formats.exact(result.total),
        scanned: formats.exact(result.scanned),
        matched: formats.exact(result.matched),
      })}{' '}
      {t(`stopped.${result.stoppedBecause}`)}
      {failed.map((one) => (
        <span key={one.partition} className="block text-crit">
          {t('partitionFailed', { partition: one.partition, error: one.error ?? '' })}
        </span>
      ))}
    </p>
  )
}

const TailSummary = ({ tail, isPaused }: { tail: Tail; isPaused: boolean }) => {
  const t = useTranslations('messages')
  const formats = useFormats()
  const state = tail.status === 'open' ? 'healthy' : tail.status === 'lost' ? 'critical' : 'unknown'
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-xs text-muted">
      <StateMark state={state}>
        {isPaused ? t('tailPaused') : t(`tailStatus.${tail.status}`)}
      </StateMark>
      <span className="tabular">
        {t('tailCounts', {
          scanned: formats.exact(tail.scanned),
          matched: formats.exact(tail.matched),
        })}
      </span>
      {tail.skipped > 0 ? (
        <span className="text-warn">
          {t('tailSkipped', { count: formats.exact(tail.skipped) })}
        </span>
      ) : null}
      {tail.error ? <span className="text-crit">{tail.error}</span> : null}
    </p>
  )
}

const download = (topic: string, messages: readonly Message[]): void =>
  saveAs(
    `${topic}.jsonl`,
    new Blob([messagesJsonLines(messages)], { type: 'application/x-ndjson' }),
  )

/** On to what lies behind the page shown; the browser's own Back leads to the one before. */
const PageButtons = (props: {
  isOlder: boolean
  isBusy: boolean
  cursor: string | null
  next: string | null
  onGo: (cursor: string | null) => void
}) => {
  const t = useTranslations('messages')
  const { cursor, next } = props
  if (cursor === null && next === null) return null
  return (
    <nav aria-label={t('pages')} className="flex justify-end gap-2">
      {cursor === null ? null : (
        <Button size="sm" disabled={props.isBusy} onClick={() => props.onGo(null)}>
          <ChevronsLeft aria-hidden />
          {t('fromStart')}
        </Button>
      )}
      <Button size="sm" disabled={next === null || props.isBusy} onClick={() => props.onGo(next)}>
        {props.isOlder ? t('older') : t('later')}
        <ArrowRight aria-hidden />
      </Button>
    </nav>
  )
}

type TabProps = { cluster: string; topic: string; partitions: number }

/** Reads without joining any group: what is there, or what comes in. */
export const MessagesTab = ({ cluster, topic, partitions }: TabProps) => {
  const t = useTranslations('messages')
  const [state, setState] = useBrowseState()
  const { open, close, isOpen } = useSheet()
  const isAdministrator = useIsAdministrator()
  const [isOver, setIsOver] = useState(false)
  const read = useMessages(cluster, topic, messagesQueryOf(state), !state.live)
  const tail = useTail(cluster, topic, tailQueryOf(state), {
    enabled: state.live,
    isPaused: isOver,
  })
  const shown = state.live ? tail.items : read.data?.items
  const apply = async (wanted: Partial<BrowseState>) => {
    const next = { ...wanted, cursor: null }
    const before = JSON.stringify(messagesQueryOf(state))
    const after = { ...state, ...next }
    await setState(next)
    if (!after.live && JSON.stringify(messagesQueryOf(after)) === before) await read.refetch()
  }
  return (
    <div className="flex flex-col gap-3">
      <BrowseForm
        state={state}
        partitions={partitions}
        isBusy={read.isFetching && !state.live}
        onApply={apply}
      />
      <div className="flex flex-wrap items-center justify-between gap-2">
        {state.live ? (
          <TailSummary tail={tail} isPaused={isOver} />
        ) : read.data ? (
          <ReadSummary result={read.data} />
        ) : (
          <span />
        )}
        <div className="flex gap-2">
          <Button
            size="sm"
            disabled={!shown || shown.length === 0}
            onClick={() => download(topic, shown ?? [])}
          >
            <Download aria-hidden />
            {t('download')}
          </Button>
          {isAdministrator ? (
            <Button size="sm" onClick={() => open('produce')}>
              <PenLine aria-hidden />
              {t('produceEllipsis')}
            </Button>
          ) : null}
        </div>
      </div>
      {read.error && !state.live ? (
        <ProblemNote error={read.error} onRetry={() => read.refetch()} />
      ) : shown !== undefined && shown.length === 0 ? (
        <div className="rounded-md border border-line bg-panel">
          <EmptyState title={state.live ? t('tailWaiting') : t('noneTitle')}>
            {state.live ? null : state.contains === '' ? t('noneText') : t('noneMatch')}
          </EmptyState>
        </div>
      ) : (
        <MessageList messages={shown} onHover={setIsOver} />
      )}
      {state.live || !read.data ? null : (
        <PageButtons
          isOlder={state.from === 'newest'}
          isBusy={read.isFetching}
          cursor={state.cursor}
          next={read.data.next}
          onGo={(cursor) => setState({ cursor })}
        />
      )}
      {isAdministrator && isOpen('produce') ? (
        <ProduceSheet cluster={cluster} topic={topic} partitions={partitions} onClose={close} />
      ) : null}
    </div>
  )
}
