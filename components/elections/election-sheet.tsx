'use client'

import { useTranslations } from 'next-intl'
import { useMemo } from 'react'
import type { ElectionPartition, ElectLeadersOutput } from '../../contracts/elections.ts'
import {
  type ElectionScope,
  useElectionPreview,
  useElectLeaders,
} from '../../hooks/use-elections.ts'
import { useReplicaMap } from '../../hooks/use-replica-map.ts'
import { ChangeMap, type PartitionChange } from '../replica-map/change-map.tsx'
import { Button } from '../ui/button.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { usePartErrorText } from '../ui/problem-text.ts'
import { Sheet } from '../ui/sheet.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { type State, StateMark } from '../ui/state-mark.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'
import { LeaderShift } from './leader-shift.tsx'

const outcomeState: Record<ElectionPartition['outcome'], State> = {
  'will-move': 'unknown',
  moved: 'healthy',
  'not-needed': 'healthy',
  'not-possible': 'attention',
  failed: 'critical',
}

const SHOWN_ROWS = 500

const OutcomeTable = ({ items }: { items: readonly ElectionPartition[] }) => {
  const t = useTranslations('election')
  const errorText = usePartErrorText()
  return (
    <>
      <SimpleTable
        label={t('partitions')}
        className="max-h-90 overflow-y-auto rounded-md border border-line"
      >
        <thead>
          <tr>
            <Th className="sticky top-0">{t('partition')}</Th>
            <Th className="sticky top-0">{t('leader')}</Th>
            <Th className="sticky top-0">{t('outcome')}</Th>
          </tr>
        </thead>
        <tbody>
          {items.slice(0, SHOWN_ROWS).map((item) => (
            <tr key={`${item.topic}-${item.partition}`}>
              <Td className="font-mono break-all">
                {item.topic}-{item.partition}
              </Td>
              <Td className="tabular whitespace-nowrap">
                {item.leaderBefore ?? '–'} → {item.leaderAfter ?? item.preferred}
              </Td>
              <Td>
                <StateMark state={outcomeState[item.outcome]}>
                  {t(`result.${item.outcome}`)}
                </StateMark>
                {item.error ? (
                  <span className="block text-xs text-muted">
                    {errorText(item.error)}{' '}
                    <code className="font-mono text-crit">{item.error.code}</code>
                  </span>
                ) : null}
              </Td>
            </tr>
          ))}
        </tbody>
      </SimpleTable>
      {items.length > SHOWN_ROWS ? (
        <p className="pt-1 text-xs text-muted">
          {t('firstRows', { shown: SHOWN_ROWS, total: items.length })}
        </p>
      ) : null}
    </>
  )
}

const changeOf = (item: ElectionPartition): PartitionChange => ({
  topic: item.topic,
  partition: item.partition,
  before: { leader: item.leaderBefore, replicas: item.replicas, isr: item.isr },
  after: {
    leader: item.leaderAfter ?? item.leaderBefore,
    replicas: item.replicas,
    isr: item.isr,
  },
})

const Changes = ({ cluster, result }: { cluster: string; result: ElectLeadersOutput }) => {
  const map = useReplicaMap(cluster, { limit: 1 })
  const changes = useMemo(() => result.items.map(changeOf), [result.items])
  const brokers = useMemo(() => {
    if (map.data) return map.data.brokers
    const ids = new Set(result.items.flatMap((item) => item.replicas))
    return [...ids].sort((a, b) => a - b).map((broker) => ({ broker, isOnline: true }))
  }, [map.data, result.items])
  return <ChangeMap changes={changes} brokersBefore={brokers} brokersAfter={brokers} />
}

const useScopeWords = (scope: ElectionScope): string => {
  const t = useTranslations('election')
  const partition = scope.partitions?.[0]
  if (partition) return t('scope.partition', partition)
  if (scope.topic !== null) return t('scope.topic', { topic: scope.topic })
  if (scope.broker !== null) return t('scope.broker', { broker: scope.broker })
  return t('scope.all')
}

const Verdict = ({ result }: { result: ElectLeadersOutput }) => {
  const t = useTranslations('election')
  const count = (outcome: ElectionPartition['outcome']) =>
    result.items.filter((item) => item.outcome === outcome).length
  if (!result.dryRun) {
    const failed = count('failed') + count('not-possible')
    return (
      <StateMark state={failed > 0 ? 'attention' : 'healthy'} className="text-base">
        {t('done', { moved: count('moved'), failed })}
      </StateMark>
    )
  }
  const willMove = count('will-move')
  const cannot = count('not-possible')
  return (
    <StateMark state={willMove > 0 ? 'attention' : 'healthy'} className="text-base">
      {willMove === 0 && cannot === 0 ? t('nothing') : t('preview', { count: willMove, cannot })}
    </StateMark>
  )
}

export const ElectionSheet = (props: {
  cluster: string
  scope: ElectionScope
  onClose: () => void
}) => {
  const { cluster, scope, onClose } = props
  const t = useTranslations('election')
  const common = useTranslations('common')
  const elect = useElectLeaders(cluster)
  const preview = useElectionPreview(cluster, scope, elect.data === undefined)
  const result = elect.data ?? preview.data
  const willMove = preview.data?.items.filter((one) => one.outcome === 'will-move').length ?? 0
  const error = elect.error ?? preview.error
  return (
    <Sheet
      open
      width="lg"
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('title')}
      description={useScopeWords(scope)}
      footer={
        elect.data ? (
          <Button variant="primary" onClick={onClose}>
            {common('done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{common('cancel')}</Button>
            <Button
              variant="primary"
              disabled={willMove === 0 || elect.isPending || preview.isPlaceholderData}
              onClick={() => elect.mutate(scope)}
            >
              {elect.isPending ? t('busy') : t('do', { count: willMove })}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-5">
        {error ? <ProblemNote error={error} onRetry={() => preview.refetch()} /> : null}
        {result ? (
          <>
            <div aria-live="polite">
              <Verdict result={result} />
              <p className="pt-1 text-xs text-muted">{t('what')}</p>
            </div>
            <LeaderShift result={result} />
            {result.items.length > 0 ? (
              <>
                <Changes cluster={cluster} result={result} />
                <OutcomeTable items={result.items} />
              </>
            ) : null}
          </>
        ) : error ? null : (
          <div className="flex flex-col gap-3">
            <Skeleton className="h-5 w-2/3" />
            <Skeleton className="h-24 w-full" />
            <Skeleton className="h-40 w-full" />
          </div>
        )}
      </div>
    </Sheet>
  )
}
