'use client'

import { LoaderCircle } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import type { ClusterTestResult, TestStep } from '../../contracts/cluster-definitions.ts'
import type { ClusterTest } from '../../hooks/use-cluster-test.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { type State, StateMark } from '../ui/state-mark.tsx'

const STATES: Readonly<Record<ClusterTestResult['outcome'], State>> = {
  ok: 'healthy',
  attention: 'attention',
  failed: 'critical',
  skipped: 'unknown',
}

const Found = ({ item }: { item: ClusterTestResult }) => {
  const t = useTranslations('clusters.test')
  const formats = useFormats()
  const { step, values } = item
  if (item.outcome === 'skipped') {
    return <span className="text-muted">{t(step === 'metrics' ? 'noMetrics' : 'skipped')}</span>
  }
  if (item.outcome === 'failed') return null
  const validTo = typeof values.validTo === 'number' ? formats.dateTime(values.validTo) : ''
  return (
    <span className="text-muted break-words">{t(`found.${step}`, { ...values, validTo })}</span>
  )
}

const Line = ({ item }: { item: ClusterTestResult }) => {
  const t = useTranslations('clusters.test')
  const formats = useFormats()
  return (
    <li className="flex flex-col gap-0.5 px-3 py-1.5">
      <span className="flex flex-wrap items-baseline justify-between gap-x-3">
        <StateMark state={STATES[item.outcome]}>{t(`step.${item.step}`)}</StateMark>
        <span className="tabular text-xs text-muted">
          {item.outcome === 'skipped' ? '' : formats.unit(item.durationMs, 'ms').text}
        </span>
      </span>
      <span className="pl-4.5 text-xs">
        <Found item={item} />
        {item.error ? <code className="block font-mono break-words">{item.error}</code> : null}
        {item.advice ? (
          <span className="block break-words">{t(`advice.${item.advice}`)}</span>
        ) : null}
      </span>
    </li>
  )
}

/** `isNext`: it is being tried; what comes after it waits. */
const PendingLine = ({ step, isNext }: { step: TestStep; isNext: boolean }) => {
  const t = useTranslations('clusters.test')
  return (
    <li className="flex items-center gap-1.5 px-3 py-1.5 text-sm text-muted">
      <LoaderCircle
        aria-hidden
        className={
          isNext ? 'size-3.5 animate-spin motion-reduce:animate-none' : 'invisible size-3.5'
        }
      />
      {t(`step.${step}`)}
      <span className="ml-auto text-xs">{t(isNext ? 'running' : 'waiting')}</span>
    </li>
  )
}

type Group = { readonly items: ClusterTestResult[]; readonly pending: TestStep[] }

/** Lines of one server or URL under one heading; the cluster as a whole comes after its servers. */
const grouped = ({ results, pending }: ClusterTest): [string, Group][] => {
  const groups = new Map<string, Group>()
  const groupOf = (target: string): Group => {
    const group = groups.get(target) ?? { items: [], pending: [] }
    groups.set(target, group)
    return group
  }
  // Named first, so that a server keeps its place from the first event on.
  for (const { target } of [...results, ...pending]) if (target !== '') groupOf(target)
  for (const item of results) groupOf(item.target).items.push(item)
  for (const { step, target } of pending) groupOf(target).pending.push(step)
  return [...groups]
}

/** What works, step by step as it is found out, and what to do about what does not. */
export const TestResults = ({ test, isRunning }: { test: ClusterTest; isRunning: boolean }) => {
  const t = useTranslations('clusters.test')
  const { results, isUsable } = test
  const count = results.filter(
    ({ outcome }) => outcome === 'attention' || outcome === 'failed',
  ).length
  const groups = grouped(test)
  // The cluster is asked once its servers have answered.
  const areServersDone = groups.every(
    ([target, { pending }]) => target === '' || pending.length === 0,
  )
  const isAtOnce = results.some(({ step, outcome }) => step === 'metadata' && outcome === 'ok')
  const section = useRef<HTMLElement>(null)
  // Below a long form it would be told out of sight.
  useEffect(() => {
    if (isRunning) section.current?.scrollIntoView({ block: 'start' })
  }, [isRunning])
  return (
    <section
      ref={section}
      aria-live="polite"
      className="flex flex-col gap-2"
      aria-label={t('title')}
    >
      {isUsable === null ? (
        <StateMark state="unknown">{t(isRunning ? 'runningTitle' : 'brokenOff')}</StateMark>
      ) : (
        <StateMark state={!isUsable ? 'critical' : count > 0 ? 'attention' : 'healthy'}>
          {isUsable ? t('usable', { count }) : t('unusable')}
        </StateMark>
      )}
      {groups.map(([target, { items, pending }]) => (
        <div key={target} className="rounded-md border border-line">
          <p className="border-b border-line px-3 py-1 font-mono text-xs break-all text-muted">
            {target === '' ? t('whole') : target}
          </p>
          <ul className="divide-y divide-line">
            {items.map((item) => (
              <Line key={item.step} item={item} />
            ))}
            {isRunning
              ? pending.map((step, at) => (
                  <PendingLine
                    key={step}
                    step={step}
                    isNext={isAtOnce || (at === 0 && (target !== '' || areServersDone))}
                  />
                ))
              : null}
          </ul>
        </div>
      ))}
    </section>
  )
}
