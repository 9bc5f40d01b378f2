'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import type { GroupDetail } from '../../contracts/groups.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useGroup } from '../../hooks/use-groups.ts'
import { useNow } from '../../hooks/use-now.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { LagTimeFigure } from '../lag/lag-time-figure.tsx'
import { useLagWords } from '../lag/use-lag-words.ts'
import { VerdictNote } from '../lag/verdict-note.tsx'
import { AsOf, isStaleAt } from '../ui/age.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copyable-id.tsx'
import { Facts } from '../ui/facts.tsx'
import { Figure } from '../ui/figure.tsx'
import { FreshVerdict } from '../ui/fresh-verdict.tsx'
import { useMissingNow } from '../ui/missing-reason.ts'
import { PairFigure } from '../ui/pair-figure.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Tabs, TabsContent, TabsList, TabsTrigger } from '../ui/tabs.tsx'
import { DeleteGroupsSheet } from './delete-groups-sheet.tsx'
import { GroupStateMark } from './group-state-mark.tsx'
import { GroupMembersTable, GroupPartitionsTable } from './group-tables.tsx'
import { GroupTrend } from './group-trend.tsx'
import { LagCharts } from './lag-charts.tsx'
import { ResetOffsetsSheet } from './reset-offsets-sheet.tsx'

const TABS = ['lag', 'partitions', 'members'] as const

const GroupFacts = ({ cluster, group }: { cluster: string; group: GroupDetail }) => {
  const t = useTranslations('group')
  const links = useConsoleLinks()
  const lagText = useTranslations('lag')
  const words = useLagWords()
  const formats = useFormats()
  const { coordinator } = group
  const noCommit = useMissingNow(t('noCommit'))
  return (
    <Facts
      facts={[
        {
          label: t('lag'),
          value: <Figure value={group.totalLag} unit="records" missing={noCommit} />,
        },
        { label: lagText('column'), value: <LagTimeFigure time={group.lagTime} /> },
        {
          label: lagText('flowLabel'),
          hint: lagText('rateHint'),
          value: (
            <PairFigure
              first={group.flow.producerRate}
              second={group.flow.consumerRate}
              unit="recordsPerSecond"
            />
          ),
        },
        {
          label: lagText('forecast.label'),
          value: (
            <span
              title={lagText('forecastHint', { window: formats.duration(group.flow.windowMs) })}
            >
              {words.forecast(group.forecast)}
            </span>
          ),
        },
        { label: t('state'), value: <GroupStateMark state={group.state} /> },
        { label: t('members'), value: <Figure value={group.members} /> },
        { label: t('topics'), value: <Figure value={group.topics.length} /> },
        { label: t('partitions'), value: <Figure value={group.partitions.length} /> },
        {
          label: t('protocol'),
          value: (
            <span className="font-mono text-sm">
              {[group.protocolType, group.protocol].filter((one) => one !== '').join(' / ') || '–'}
            </span>
          ),
        },
        {
          label: t('coordinator'),
          value:
            coordinator === null ? (
              '–'
            ) : (
              <Link
                href={links.broker(cluster, coordinator)}
                className="underline-offset-2 hover:underline"
              >
                {t('broker', { id: coordinator })}
              </Link>
            ),
        },
      ]}
    />
  )
}

const GroupTabs = ({ cluster, group }: { cluster: string; group: GroupDetail }) => {
  const t = useTranslations('group')
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('lag'))
  const counts = { lag: null, partitions: group.partitions.length, members: group.members }
  return (
    <Tabs value={tab} onValueChange={(value) => setTab(TABS.find((one) => one === value) ?? 'lag')}>
      <TabsList aria-label={t('tabs')}>
        {TABS.map((one) => (
          <TabsTrigger key={one} value={one}>
            {t(`tab.${one}`)}
            {counts[one] === null ? null : (
              <span className="tabular text-xs text-muted">{counts[one]}</span>
            )}
          </TabsTrigger>
        ))}
      </TabsList>
      <TabsContent value="lag">
        <LagCharts cluster={cluster} group={group.id} topics={group.topics} />
      </TabsContent>
      <TabsContent value="partitions">
        <GroupPartitionsTable cluster={cluster} partitions={group.partitions} />
      </TabsContent>
      <TabsContent value="members">
        <GroupMembersTable members={group.memberDetails} />
      </TabsContent>
    </Tabs>
  )
}

const GroupSheets = ({ cluster, group }: { cluster: string; group: GroupDetail }) => {
  const { sheet, close } = useSheet()
  const isAdministrator = useIsAdministrator()
  if (!isAdministrator) return null
  if (sheet === 'reset-offsets') {
    return <ResetOffsetsSheet cluster={cluster} group={group} onClose={close} />
  }
  if (sheet !== 'delete-group') return null
  return (
    <DeleteGroupsSheet
      cluster={cluster}
      groups={[group.id]}
      members={group.isDeleted ? 0 : group.members}
      onClose={close}
    />
  )
}

export const GroupPage = ({ cluster, group: id }: { cluster: string; group: string }) => {
  const t = useTranslations('group')
  const query = useGroup(cluster, id)
  const nowMs = useNow()
  const { open } = useSheet()
  const isAdministrator = useIsAdministrator()
  const group = query.data
  return (
    <>
      <PageHeader
        title={
          <span className="inline-flex max-w-full flex-wrap items-center gap-2">
            <span className="font-mono break-all">{id}</span>
            <CopyButton text={id} />
            {group?.isDeleted ? <Badge tone="warn">{t('deletedBadge')}</Badge> : null}
          </span>
        }
        verdict={
          group ? (
            group.isDeleted ? (
              t('isDeleted')
            ) : (
              <FreshVerdict asOf={group.asOf}>
                <GroupTrend group={group} />
              </FreshVerdict>
            )
          ) : query.error ? null : (
            <Skeleton className="mt-1 h-4 w-60" />
          )
        }
        aside={group ? <AsOf asOf={group.asOf} /> : null}
        actions={
          isAdministrator && group && !group.isDeleted ? (
            <>
              <Button onClick={() => open('reset-offsets')}>{t('resetEllipsis')}</Button>
              <Button variant="dangerQuiet" onClick={() => open('delete-group')}>
                {t('deleteEllipsis')}
              </Button>
            </>
          ) : null
        }
      />
      <div className="flex flex-col gap-4">
        {query.error ? <ProblemNote error={query.error} onRetry={() => query.refetch()} /> : null}
        {group ? (
          <>
            <div className={isStaleAt(group.asOf, nowMs) ? 'text-stale' : undefined}>
              <GroupFacts cluster={cluster} group={group} />
              <VerdictNote group={group} />
            </div>
            <GroupTabs cluster={cluster} group={group} />
            <GroupSheets cluster={cluster} group={group} />
          </>
        ) : query.error ? null : (
          <>
            <Skeleton className="h-14 w-full" />
            <Skeleton className="h-60 w-full" />
          </>
        )}
      </div>
    </>
  )
}
