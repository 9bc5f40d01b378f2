'use client'

import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { Button } from './button.tsx'
import { ConfirmTyping } from './confirm-typing.tsx'
import { ProblemNote } from './problem-note.tsx'
import type { ProblemLike } from './problem-text.ts'
import { Sheet } from './sheet.tsx'
import { StateMark } from './state-mark.tsx'

type Result = { readonly name: string; readonly error: ProblemLike | null }

type BulkSheetProps = {
  names: readonly string[]
  work: {
    readonly results: readonly Result[]
    readonly isRunning: boolean
    run(names: readonly string[]): Promise<readonly Result[]>
  }
  title: string
  description: string
  /** What must be typed where there are several. */
  phrase: string
  /** Where the place itself must be named: `place/name` is typed. */
  place?: string | null
  /** On the button, and beside each name that is done. */
  doIt: string
  done: string
  note?: ReactNode
  isBlocked?: boolean
  onClose: () => void
  /** Called once, with those that went well. */
  onDone?: ((names: readonly string[]) => void) | undefined
}

const Lines = (props: Pick<BulkSheetProps, 'names' | 'done'> & { results: readonly Result[] }) => {
  const outcome = new Map(props.results.map(({ name, error }) => [name, error] as const))
  return (
    <ul className="max-h-90 divide-y divide-line overflow-y-auto rounded-md border border-line">
      {props.names.map((name) => {
        const error = outcome.get(name)
        return (
          <li key={name} className="px-3 py-1.5">
            <span className="flex flex-wrap items-center justify-between gap-2">
              <span className="font-mono break-all">{name}</span>
              {error === null ? <StateMark state="healthy">{props.done}</StateMark> : null}
            </span>
            {error ? <ProblemNote error={error} className="my-1" /> : null}
          </li>
        )
      })}
    </ul>
  )
}

/** Something that cannot be undone, to one or several: what goes, its name typed, each result. */
export const BulkSheet = (props: BulkSheetProps) => {
  const { names, work, onClose } = props
  const t = useTranslations('bulk')
  const common = useTranslations('common')
  const [typed, setTyped] = useState('')
  const [isFinished, setIsFinished] = useState(false)
  const [only] = names
  const subject = names.length === 1 && only !== undefined && only !== '' ? only : props.phrase
  const expected = props.place ? `${props.place}/${subject}` : subject
  const start = async () => {
    const results = await work.run(names)
    setIsFinished(true)
    props.onDone?.(results.filter((one) => one.error === null).map((one) => one.name))
  }
  return (
    <Sheet
      open
      onOpenChange={(open) => (open || work.isRunning ? undefined : onClose())}
      title={props.title}
      description={props.description}
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
              disabled={typed !== expected || work.isRunning || props.isBlocked}
              onClick={start}
            >
              {work.isRunning
                ? t('progress', { done: work.results.length, total: names.length })
                : props.doIt}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4" aria-live="polite">
        {props.note}
        <Lines names={names} done={props.done} results={work.results} />
        {isFinished || work.isRunning || props.isBlocked ? null : (
          <ConfirmTyping expected={expected} value={typed} onChange={setTyped} />
        )}
      </div>
    </Sheet>
  )
}
