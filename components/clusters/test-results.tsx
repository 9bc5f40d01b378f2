'use client'

import { useTranslations } from 'next-intl'
import type { ClusterTestResult, TestClusterOutput } from '../../contracts/cluster-definitions.ts'
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
      <span className="text-xs">
        <Found item={item} />
        {item.error ? <code className="block font-mono break-words">{item.error}</code> : null}
        {item.advice ? (
          <span className="block break-words">{t(`advice.${item.advice}`)}</span>
        ) : null}
      </span>
    </li>
  )
}

/** Lines of one server or URL under one heading, in the order of the test. */
const grouped = (items: readonly ClusterTestResult[]): [string, ClusterTestResult[]][] => {
  const groups = new Map<string, ClusterTestResult[]>()
  for (const item of items) groups.set(item.target, [...(groups.get(item.target) ?? []), item])
  return [...groups]
}

/** What works, step by step, and what to do about what does not. */
export const TestResults = ({ result }: { result: TestClusterOutput }) => {
  const t = useTranslations('clusters.test')
  const trouble = result.items.filter((item) => item.outcome === 'attention').length
  const failed = result.items.filter((item) => item.outcome === 'failed').length
  const state = !result.isUsable ? 'critical' : failed + trouble > 0 ? 'attention' : 'healthy'
  return (
    <section aria-live="polite" className="flex flex-col gap-2" aria-label={t('title')}>
      <StateMark state={state}>
        {result.isUsable ? t('usable', { count: failed + trouble }) : t('unusable')}
      </StateMark>
      {grouped(result.items).map(([target, items]) => (
        <div key={target} className="rounded-md border border-line">
          <p className="border-b border-line px-3 py-1 font-mono text-xs break-all text-muted">
            {target === '' ? t('whole') : target}
          </p>
          <ul className="divide-y divide-line">
            {items.map((item) => (
              <Line key={item.step} item={item} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  )
}
