'use client'

import { useTranslations } from 'next-intl'
import { useMemo, useState } from 'react'
import type { BrokerAction, BrokerActionOutput, PartitionImpact } from '../../contracts/brokers.ts'
import { useBrokerAction, useBrokerActionPreview, useBrokers } from '../../hooks/use-brokers.ts'
import { ChangeMap } from '../replica-map/change-map.tsx'
import type { MapBroker } from '../replica-map/model.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmTyping } from '../ui/confirm-typing.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { type State, StateMark } from '../ui/state-mark.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'

export const BROKER_ACTIONS: readonly BrokerAction[] = ['stop', 'kill', 'pause', 'start']

const isBrokerAction = (text: string | undefined): text is BrokerAction =>
  text !== undefined && (BROKER_ACTIONS as readonly string[]).includes(text)

/** `broker:kill:2` in the URL. */
export const parseBrokerSheet = (
  sheet: string | null,
): { action: BrokerAction; broker: number } | null => {
  const [kind, action, broker] = (sheet ?? '').split(':')
  if (kind !== 'broker' || !isBrokerAction(action) || !/^\d+$/.test(broker ?? '')) return null
  return { action, broker: Number(broker) }
}

const EFFECTS = [
  'offline',
  'refuses-writes',
  'leader-moves',
  'isr-shrinks',
  'recovers',
  'none',
] as const satisfies readonly PartitionImpact['effect'][]

const effectState: Record<PartitionImpact['effect'], State> = {
  offline: 'critical',
  'refuses-writes': 'critical',
  'leader-moves': 'attention',
  'isr-shrinks': 'attention',
  recovers: 'healthy',
  none: 'healthy',
}

const isGrave = (preview: BrokerActionOutput): boolean =>
  preview.losesQuorum ||
  preview.impact.some((one) => one.effect === 'offline' || one.effect === 'refuses-writes')

const EffectLines = ({ preview }: { preview: BrokerActionOutput }) => {
  const t = useTranslations('brokerAction')
  const counts = EFFECTS.map((effect) => ({
    effect,
    count: preview.impact.filter((one) => one.effect === effect).length,
  })).filter((one) => one.count > 0)
  return (
    <ul className="flex flex-col gap-1">
      {preview.losesQuorum ? (
        <li>
          <StateMark state="critical">{t('losesQuorum')}</StateMark>
        </li>
      ) : null}
      {preview.movesController ? (
        <li>
          <StateMark state="attention">{t('movesController')}</StateMark>
        </li>
      ) : null}
      {counts.map(({ effect, count }) => (
        <li key={effect}>
          <StateMark state={effectState[effect]}>{t(`effect.${effect}`, { count })}</StateMark>
        </li>
      ))}
      {preview.impact.length === 0 ? (
        <li>
          <StateMark state="healthy">{t('noPartitions')}</StateMark>
        </li>
      ) : null}
    </ul>
  )
}

const ImpactTable = ({ impact }: { impact: readonly PartitionImpact[] }) => {
  const t = useTranslations('brokerAction')
  return (
    <SimpleTable
      label={t('partitions')}
      className="max-h-80 overflow-y-auto rounded-md border border-line"
    >
      <thead>
        <tr>
          <Th className="sticky top-0">{t('partition')}</Th>
          <Th className="sticky top-0">{t('leader')}</Th>
          <Th className="sticky top-0 max-sm:hidden">ISR</Th>
          <Th className="sticky top-0">{t('happens')}</Th>
        </tr>
      </thead>
      <tbody>
        {impact.slice(0, 300).map((one) => (
          <tr key={`${one.topic}-${one.partition}`}>
            <Td className="font-mono break-all">
              {one.topic}-{one.partition}
            </Td>
            <Td className="tabular whitespace-nowrap">
              {one.leaderBefore ?? '–'} → {one.leaderAfter ?? '–'}
            </Td>
            <Td className="tabular whitespace-nowrap max-sm:hidden">
              {one.isrBefore.join(', ')} → {one.isrAfter.join(', ') || '–'}
            </Td>
            <Td className="whitespace-nowrap">
              <StateMark state={effectState[one.effect]}>{t(`short.${one.effect}`)}</StateMark>
            </Td>
          </tr>
        ))}
      </tbody>
    </SimpleTable>
  )
}

const Preview = (props: { preview: BrokerActionOutput; before: readonly MapBroker[] }) => {
  const { preview, before } = props
  const after = useMemo(
    () =>
      before.map((one) =>
        one.broker === preview.broker ? { ...one, isOnline: preview.action === 'start' } : one,
      ),
    [before, preview.broker, preview.action],
  )
  const changes = useMemo(
    () =>
      preview.impact.map((one) => ({
        topic: one.topic,
        partition: one.partition,
        before: { leader: one.leaderBefore, isr: one.isrBefore, replicas: one.replicas },
        after: { leader: one.leaderAfter, isr: one.isrAfter, replicas: one.replicas },
      })),
    [preview.impact],
  )
  return (
    <>
      <EffectLines preview={preview} />
      {changes.length > 0 ? (
        <>
          <ChangeMap changes={changes} brokersBefore={before} brokersAfter={after} />
          <ImpactTable impact={preview.impact} />
        </>
      ) : null}
    </>
  )
}

/** After the deed: what the cluster itself reports, until it is whole again. */
const Healing = ({ cluster, broker }: { cluster: string; broker: number }) => {
  const t = useTranslations('brokerAction')
  const brokers = useBrokers(cluster)
  const items = brokers.data?.items ?? []
  const own = items.find((one) => one.id === broker)
  const outOfSync = items.reduce((sum, one) => sum + one.replicasOutOfSync, 0)
  return (
    <ul aria-live="polite" className="flex flex-col gap-1">
      <li>
        <StateMark state={own?.isOnline ? 'healthy' : 'critical'}>
          {own?.isOnline ? t('isOnline', { broker }) : t('isOffline', { broker })}
          {own?.process ? ` (${t(`process.${own.process.state}`)})` : ''}
        </StateMark>
      </li>
      <li>
        <StateMark state={outOfSync === 0 ? 'healthy' : 'attention'}>
          {outOfSync === 0 ? t('allInSync') : t('outOfSync', { count: outOfSync })}
        </StateMark>
      </li>
      <li className="text-xs text-muted">{t('watching')}</li>
    </ul>
  )
}

export const BrokerActionSheet = (props: {
  cluster: string
  broker: number
  action: BrokerAction
  onClose: () => void
}) => {
  const { cluster, broker, action, onClose } = props
  const t = useTranslations('brokerAction')
  const common = useTranslations('common')
  const [typed, setTyped] = useState('')
  const run = useBrokerAction(cluster, broker, action)
  const preview = useBrokerActionPreview(cluster, broker, action)
  const brokers = useBrokers(cluster)
  const before = useMemo(
    () => (brokers.data?.items ?? []).map((one) => ({ broker: one.id, isOnline: one.isOnline })),
    [brokers.data],
  )
  const needsTyping = preview.data !== undefined && isGrave(preview.data)
  const expected = `broker ${broker}`
  const isReady = preview.data !== undefined && (!needsTyping || typed === expected)
  const error = run.error ?? preview.error
  return (
    <Sheet
      open
      width="lg"
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t(`title.${action}`, { broker })}
      description={t(`what.${action}`)}
      footer={
        run.isSuccess ? (
          <Button variant="primary" onClick={onClose}>
            {common('done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{common('cancel')}</Button>
            <Button
              variant={action === 'start' ? 'primary' : 'danger'}
              disabled={!isReady || run.isPending}
              onClick={() => run.mutate({ dryRun: false })}
            >
              {run.isPending ? t(`busy.${action}`) : t(`do.${action}`, { broker })}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-5">
        {error ? <ProblemNote error={error} onRetry={() => preview.refetch()} /> : null}
        {run.isSuccess ? <Healing cluster={cluster} broker={broker} /> : null}
        {preview.data && !run.isSuccess ? <Preview preview={preview.data} before={before} /> : null}
        {preview.data === undefined && !preview.error ? (
          <div className="flex flex-col gap-3">
            <Skeleton className="w-2/3" />
            <Skeleton className="h-32 w-full" />
          </div>
        ) : null}
        {needsTyping && !run.isSuccess ? (
          <ConfirmTyping expected={expected} value={typed} onChange={setTyped} />
        ) : null}
      </div>
    </Sheet>
  )
}
