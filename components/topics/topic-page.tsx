'use client'

import { Ellipsis } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import type { TopicDetail } from '../../contracts/topics.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useAt } from '../../hooks/use-at.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useNow } from '../../hooks/use-now.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { useTopic } from '../../hooks/use-topics.ts'
import { ConfigEditor } from '../configs/config-editor.tsx'
import { serializeScope } from '../elections/election-scope.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { MessagesTab } from '../messages/messages-tab.tsx'
import { AsOf, isStaleAt } from '../ui/age.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copyable-id.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { Facts } from '../ui/facts.tsx'
import { Figure } from '../ui/figure.tsx'
import { FreshVerdict } from '../ui/fresh-verdict.tsx'
import { useMissingReason } from '../ui/missing-reason.ts'
import { PairFigure } from '../ui/pair-figure.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { Tabs, TabsContent, TabsList, TabsTrigger } from '../ui/tabs.tsx'
import { AddPartitionsSheet } from './add-partitions-sheet.tsx'
import { TopicChartsTab } from './charts-tab.tsx'
import { useIsrWords } from './isr-mark.tsx'
import { PartitionsTab } from './partitions-tab.tsx'
import { ReadersTab } from './readers-tab.tsx'
import { TopicsActionSheet } from './topics-action-sheet.tsx'

const TABS = ['partitions', 'messages', 'readers', 'config', 'charts'] as const
const PAST_TABS = ['partitions', 'readers', 'charts'] as const

const Verdict = ({ topic }: { topic: TopicDetail }) => {
  const t = useTranslations('topic')
  const words = useIsrWords()
  const { isr } = topic
  const notPreferred = isr.partitionsNotPreferred
  return (
    <StateMark state={isr.level}>
      {t('verdict', {
        health: words(isr),
        notPreferred,
        readers: topic.readers.length,
      })}
    </StateMark>
  )
}

const TopicFacts = ({ topic }: { topic: TopicDetail }) => {
  const t = useTranslations('topic')
  const reason = useMissingReason()
  const missing = reason('not-collected')
  return (
    <Facts
      facts={[
        { label: t('partitions'), value: <Figure value={topic.partitions} /> },
        { label: t('replication'), value: <Figure value={topic.replicationFactor} /> },
        { label: t('minIsr'), value: <Figure value={topic.minInsyncReplicas} missing={missing} /> },
        {
          label: t('offsetSpan'),
          hint: t(topic.isCompacted ? 'offsetSpanCompacted' : 'offsetSpanHint'),
          value: <Figure value={topic.offsetSpan} unit="records" missing={missing} />,
        },
        {
          label: t('sizeAll'),
          value: <Figure value={topic.sizeBytes} unit="bytes" missing={missing} />,
        },
        {
          label: t('messagesIn'),
          value: <Figure value={topic.messagesInRate} unit="recordsPerSecond" missing={missing} />,
        },
        {
          label: t('bytesInOut'),
          value: (
            <PairFigure
              first={topic.bytesInRate}
              second={topic.bytesOutRate}
              unit="bytesPerSecond"
              missing={reason('no-jmx')}
            />
          ),
        },
      ]}
    />
  )
}

const TopicActions = ({ topic }: { topic: string }) => {
  const t = useTranslations('topic')
  const common = useTranslations('common')
  const { open } = useSheet()
  return (
    <>
      <Button onClick={() => open(serializeScope({ partitions: null, topic, broker: null }))}>
        {t('electEllipsis')}
      </Button>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button size="icon" aria-label={common('more')}>
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem onSelect={() => open('add-partitions')}>
            {t('addEllipsis')}
          </DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem danger onSelect={() => open('purge-topics')}>
            {t('purgeEllipsis')}
          </DropdownMenuItem>
          <DropdownMenuItem danger onSelect={() => open('delete-topics')}>
            {t('deleteEllipsis')}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
    </>
  )
}

const TopicSheets = ({ cluster, topic }: { cluster: string; topic: TopicDetail }) => {
  const { sheet, close } = useSheet()
  const router = useRouter()
  const links = useConsoleLinks()
  const isAdministrator = useIsAdministrator()
  if (!isAdministrator) return null
  if (sheet === 'add-partitions') {
    return (
      <AddPartitionsSheet
        cluster={cluster}
        topic={topic.name}
        partitions={topic.partitions}
        replicationFactor={topic.replicationFactor}
        onClose={close}
      />
    )
  }
  if (sheet !== 'delete-topics' && sheet !== 'purge-topics') return null
  return (
    <TopicsActionSheet
      cluster={cluster}
      action={sheet === 'delete-topics' ? 'delete' : 'purge'}
      topics={[topic.name]}
      onClose={close}
      onDone={(done) => {
        if (sheet === 'delete-topics' && done.length > 0) router.push(links.topics(cluster))
      }}
    />
  )
}

const TopicTabs = ({ cluster, topic }: { cluster: string; topic: TopicDetail }) => {
  const t = useTranslations('topic')
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('partitions'))
  const { atMs } = useAt()
  const tabs: readonly (typeof TABS)[number][] = atMs === null ? TABS : PAST_TABS
  return (
    <Tabs
      value={tabs.includes(tab) ? tab : 'partitions'}
      onValueChange={(value) => setTab(TABS.find((one) => one === value) ?? 'partitions')}
    >
      <TabsList aria-label={t('tabs')}>
        {tabs.map((one) => (
          <TabsTrigger key={one} value={one}>
            {t(`tab.${one}`)}
            {one === 'readers' ? (
              <span className="tabular text-xs text-muted">{topic.readers.length}</span>
            ) : null}
          </TabsTrigger>
        ))}
      </TabsList>
      <TabsContent value="partitions">
        <PartitionsTab cluster={cluster} topic={topic} />
      </TabsContent>
      <TabsContent value="messages">
        <MessagesTab cluster={cluster} topic={topic.name} partitions={topic.partitions} />
      </TabsContent>
      <TabsContent value="readers">
        <ReadersTab cluster={cluster} partitions={topic.partitions} readers={topic.readers} />
      </TabsContent>
      <TabsContent value="config">
        <ConfigEditor cluster={cluster} entity={{ type: 'topic', topic: topic.name }} />
      </TabsContent>
      <TabsContent value="charts">
        <TopicChartsTab cluster={cluster} topic={topic.name} />
      </TabsContent>
    </Tabs>
  )
}

export const TopicPage = ({ cluster, topic: name }: { cluster: string; topic: string }) => {
  const t = useTranslations('topic')
  const query = useTopic(cluster, name)
  const nowMs = useNow()
  const isAdministrator = useIsAdministrator()
  const topic = query.data
  return (
    <>
      <PageHeader
        title={
          <span className="inline-flex max-w-full flex-wrap items-center gap-2">
            <span className="font-mono break-all">{name}</span>
            <CopyButton text={name} />
            {topic?.isInternal ? <Badge>{t('internalBadge')}</Badge> : null}
            {topic?.isCompacted ? <Badge>{t('compactedBadge')}</Badge> : null}
          </span>
        }
        verdict={
          topic ? (
            <FreshVerdict asOf={topic.asOf}>
              <Verdict topic={topic} />
            </FreshVerdict>
          ) : query.error ? null : (
            <Skeleton className="mt-1 h-4 w-80 max-w-full" />
          )
        }
        aside={topic ? <AsOf asOf={topic.asOf} /> : null}
        actions={isAdministrator && topic ? <TopicActions topic={name} /> : null}
      />
      <div className="flex flex-col gap-4">
        {query.error ? <ProblemNote error={query.error} onRetry={() => query.refetch()} /> : null}
        {topic ? (
          <>
            <div className={isStaleAt(topic.asOf, nowMs) ? 'text-stale' : undefined}>
              <TopicFacts topic={topic} />
            </div>
            <TopicTabs cluster={cluster} topic={topic} />
            <TopicSheets cluster={cluster} topic={topic} />
          </>
        ) : query.error ? null : (
          <>
            <Skeleton className="h-14 w-full" />
            <Skeleton className="h-9 w-full" />
            <Skeleton className="h-60 w-full" />
          </>
        )}
      </div>
    </>
  )
}
