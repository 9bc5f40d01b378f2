'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useDeleteTopics, usePurgeTopics } from '../../hooks/use-topics.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmTyping } from '../ui/confirm-typing.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { StateMark } from '../ui/state-mark.tsx'

type ActionSheetProps = {
  cluster: string
  action: 'delete' | 'purge'
  topics: readonly string[]
  onClose: () => void
  /** Called once, with those that went well. */
  onDone: (topics: readonly string[]) => void
}

const TopicLines = (props: {
  topics: readonly string[]
  action: 'delete' | 'purge'
  outcome: ReadonlyMap<string, Error | null>
}) => {
  const t = useTranslations('topicsAction')
  return (
    <ul className="max-h-90 divide-y divide-line overflow-y-auto rounded-md border border-line">
      {props.topics.map((topic) => {
        const error = props.outcome.get(topic)
        return (
          <li key={topic} className="px-3 py-1.5">
            <span className="flex flex-wrap items-center justify-between gap-2">
              <span className="font-mono break-all">{topic}</span>
              {error === null ? (
                <StateMark state="healthy">{t(`done.${props.action}`)}</StateMark>
              ) : null}
            </span>
            {error ? <ProblemNote error={error} className="my-1" /> : null}
          </li>
        )
      })}
    </ul>
  )
}

/** Deletes or purges one topic or several: what goes, its name typed, then the result of each. */
export const TopicsActionSheet = (props: ActionSheetProps) => {
  const { cluster, action, topics, onClose, onDone } = props
  const t = useTranslations('topicsAction')
  const common = useTranslations('common')
  const [typed, setTyped] = useState('')
  const [isFinished, setIsFinished] = useState(false)
  const remove = useDeleteTopics(cluster)
  const purge = usePurgeTopics(cluster)
  const work = action === 'delete' ? remove : purge
  const [only] = topics
  const expected = topics.length === 1 && only !== undefined ? only : `${action} ${topics.length}`
  const outcome = new Map<string, Error | null>(
    work.results.map((result) => [result.topic, result.error]),
  )
  const start = async () => {
    const results = await work.run(topics)
    setIsFinished(true)
    onDone(results.filter((one) => one.error === null).map((one) => one.topic))
  }
  return (
    <Sheet
      open
      onOpenChange={(open) => (open || work.isRunning ? undefined : onClose())}
      title={t(`title.${action}`, { count: topics.length })}
      description={t(`what.${action}`)}
      footer={
        isFinished ? (
          <Button variant="primary" onClick={onClose}>
            {common('done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose} disabled={work.isRunning}>
              {common('cancel')}
            </Button>
            <Button
              variant="danger"
              disabled={typed !== expected || work.isRunning}
              onClick={start}
            >
              {work.isRunning
                ? t('progress', { done: work.results.length, total: topics.length })
                : t(`do.${action}`, { count: topics.length })}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4" aria-live="polite">
        <TopicLines topics={topics} action={action} outcome={outcome} />
        {isFinished || work.isRunning ? null : (
          <ConfirmTyping expected={expected} value={typed} onChange={setTyped} />
        )}
      </div>
    </Sheet>
  )
}
