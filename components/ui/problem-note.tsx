'use client'

import { useTranslations } from 'next-intl'
import { Button } from './button.tsx'
import { cn } from './cn.ts'
import { type ProblemLike, useProblemText } from './problem-text.ts'
import { StateShape } from './state-mark.tsx'

const KNOWN = new Set([
  'bad-request',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'unsupported',
  'too-many-requests',
  'kafka-error',
  'cluster-unreachable',
  'timeout',
  'internal',
])

type KnownCode = 'internal'

/** What happened, why if known, what to do; the broker's own name for it in mono. */
export const ProblemNote = (props: {
  error: ProblemLike
  onRetry?: () => void
  className?: string
}) => {
  const t = useTranslations('problem')
  const { problem } = props.error
  const code = problem && KNOWN.has(problem.code) ? (problem.code as KnownCode) : null
  const { text, original } = useProblemText()(props.error)
  return (
    <div
      role="alert"
      className={cn(
        'flex items-start gap-2 rounded-md border border-line bg-crit-soft px-3 py-2 text-sm',
        props.className,
      )}
    >
      <StateShape state="critical" label={t('failed')} className="mt-1" />
      <div className="min-w-0 flex-1 break-words">
        <p className="first-letter:uppercase">
          {text}
          {problem?.kafkaError ? (
            <code className="ml-1.5 font-mono text-xs text-crit">{problem.kafkaError}</code>
          ) : null}
        </p>
        {original === null ? null : (
          <p lang="en" className="text-xs">
            {original}
          </p>
        )}
        {problem?.errors?.map((error) => (
          <p key={`${error.path}:${error.message}`} className="text-xs">
            <code className="font-mono">{error.path}</code> {error.message}
          </p>
        ))}
        <p className="text-muted">{code ? t(`hint.${code}`) : t('hint.network')}</p>
      </div>
      {props.onRetry ? (
        <Button size="sm" onClick={props.onRetry}>
          {t('retry')}
        </Button>
      ) : null}
    </div>
  )
}
