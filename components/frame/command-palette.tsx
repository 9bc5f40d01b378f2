'use client'

import {
  Activity,
  Boxes,
  ChartLine,
  Gauge,
  History,
  Hourglass,
  Layers,
  Network,
  Plus,
  Server,
  Settings2,
  User,
  Users,
  Vote,
} from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { Dialog as Primitive } from 'radix-ui'
import { type ComponentProps, type ReactNode, useDeferredValue, useId, useState } from 'react'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useBrokers } from '../../hooks/use-brokers.ts'
import { useClusters } from '../../hooks/use-clusters.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useGroups } from '../../hooks/use-groups.ts'
import { useTopics } from '../../hooks/use-topics.ts'
import {
  Command,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from '../ui/command.tsx'

type Go = (href: string) => void

/**
 * An item that comes back under its old value is another element: cmdk would go on naming the one that is gone as the
 * active one, so each mount has a value of its own.
 */
const FoundItem = ({ value = '', ...props }: ComponentProps<typeof CommandItem>) => {
  const mount = useId()
  return <CommandItem value={`${value} ${mount}`} {...props} />
}

const FOUND = 8

const Found = ({ cluster, search, go }: { cluster: string; search: string; go: Go }) => {
  const t = useTranslations('palette')
  const links = useConsoleLinks()
  const query = { ...(search === '' ? {} : { search }), pageSize: FOUND }
  const topics = useTopics(cluster, { ...query, sort: 'name' })
  const groups = useGroups(cluster, query)
  const brokers = useBrokers(cluster)
  const text = search.toLowerCase()
  const matching = (brokers.data?.items ?? []).filter((broker) =>
    `broker ${broker.id} ${broker.host}:${broker.port}`.toLowerCase().includes(text),
  )
  return (
    <>
      {topics.data && topics.data.items.length > 0 ? (
        <CommandGroup heading={t('topics')}>
          {topics.data.items.map((topic) => (
            <FoundItem
              key={topic.name}
              value={`topic:${topic.name}`}
              onSelect={() => go(links.topic(cluster, topic.name))}
            >
              <Layers aria-hidden />
              <span className="truncate font-mono">{topic.name}</span>
            </FoundItem>
          ))}
        </CommandGroup>
      ) : null}
      {groups.data && groups.data.items.length > 0 ? (
        <CommandGroup heading={t('groups')}>
          {groups.data.items.map((group) => (
            <FoundItem
              key={group.id}
              value={`group:${group.id}`}
              onSelect={() => go(links.group(cluster, group.id))}
            >
              <Users aria-hidden />
              <span className="truncate font-mono">{group.id}</span>
            </FoundItem>
          ))}
        </CommandGroup>
      ) : null}
      {matching.length > 0 ? (
        <CommandGroup heading={t('brokers')}>
          {matching.slice(0, FOUND).map((broker) => (
            <FoundItem
              key={broker.id}
              value={`broker:${broker.id}`}
              onSelect={() => go(links.broker(cluster, broker.id))}
            >
              <Server aria-hidden />
              {t('broker', { id: broker.id })}
              <span className="font-mono text-muted">
                {broker.host}:{broker.port}
              </span>
            </FoundItem>
          ))}
        </CommandGroup>
      ) : null}
    </>
  )
}

type Line = { key: string; label: string; icon: ReactNode; href: string }

const Lines = ({ heading, lines, go }: { heading: string; lines: readonly Line[]; go: Go }) =>
  lines.length === 0 ? null : (
    <CommandGroup heading={heading}>
      {lines.map((line) => (
        <FoundItem key={line.key} value={line.key} onSelect={() => go(line.href)}>
          {line.icon}
          {line.label}
        </FoundItem>
      ))}
    </CommandGroup>
  )

const usePages = (cluster: string | null): { pages: Line[]; actions: Line[]; clusters: Line[] } => {
  const t = useTranslations('palette')
  const nav = useTranslations('nav')
  const links = useConsoleLinks()
  const clusters = useClusters()
  const isAdministrator = useIsAdministrator()
  const pages: Line[] = [
    { key: 'page:clusters', label: nav('clusters'), icon: <Boxes />, href: links.clusters() },
    { key: 'page:account', label: nav('account'), icon: <User />, href: links.account() },
    { key: 'page:activity', label: nav('activity'), icon: <Activity />, href: links.activity() },
  ]
  if (isAdministrator) {
    pages.push({ key: 'page:users', label: nav('users'), icon: <Users />, href: links.users() })
  }
  if (cluster !== null) {
    pages.unshift(
      {
        key: 'page:overview',
        label: nav('overview'),
        icon: <Gauge />,
        href: links.overview(cluster),
      },
      { key: 'page:topics', label: nav('topics'), icon: <Layers />, href: links.topics(cluster) },
      { key: 'page:groups', label: nav('groups'), icon: <Users />, href: links.groups(cluster) },
      { key: 'page:lag', label: nav('lag'), icon: <Hourglass />, href: links.lag(cluster) },
      {
        key: 'page:brokers',
        label: nav('brokers'),
        icon: <Server />,
        href: links.brokers(cluster),
      },
      { key: 'page:quorum', label: nav('quorum'), icon: <Network />, href: links.quorum(cluster) },
      { key: 'page:events', label: nav('events'), icon: <History />, href: links.events(cluster) },
      {
        key: 'page:metrics',
        label: nav('metrics'),
        icon: <ChartLine />,
        href: links.metrics(cluster),
      },
      {
        key: 'page:config',
        label: nav('config'),
        icon: <Settings2 />,
        href: links.config(cluster),
      },
    )
  }
  const actions: Line[] =
    cluster !== null && isAdministrator
      ? [
          {
            key: 'do:create-topic',
            label: t('createTopic'),
            icon: <Plus />,
            href: links.topics(cluster, { sheet: 'create-topic' }),
          },
          {
            key: 'do:elect',
            label: t('elect'),
            icon: <Vote />,
            href: links.overview(cluster, { sheet: 'elect' }),
          },
        ]
      : []
  return {
    pages,
    actions,
    clusters: (clusters.data?.items ?? [])
      .filter((one) => one.id !== cluster)
      .map((one) => ({
        key: `cluster:${one.id}`,
        label: one.name,
        icon: <Gauge />,
        href: links.overview(one.id),
      })),
  }
}

const PaletteBody = ({ cluster, go }: { cluster: string | null; go: Go }) => {
  const t = useTranslations('palette')
  const [search, setSearch] = useState('')
  const deferred = useDeferredValue(search.trim())
  const { pages, actions, clusters } = usePages(cluster)
  const text = search.trim().toLowerCase()
  const matching = (lines: readonly Line[]) =>
    lines.filter((line) => line.label.toLowerCase().includes(text))
  return (
    <Command shouldFilter={false} label={t('label')}>
      <CommandInput value={search} onValueChange={setSearch} placeholder={t('placeholder')} />
      <CommandList label={t('results')}>
        <CommandEmpty>{t('empty')}</CommandEmpty>
        <Lines heading={t('actions')} lines={matching(actions)} go={go} />
        {cluster === null ? null : <Found cluster={cluster} search={deferred} go={go} />}
        <Lines heading={t('pages')} lines={matching(pages)} go={go} />
        <Lines heading={t('clusters')} lines={matching(clusters)} go={go} />
      </CommandList>
    </Command>
  )
}

type PaletteProps = {
  cluster: string | null
  open: boolean
  onOpenChange: (open: boolean) => void
}

export const CommandPalette = ({ cluster, open, onOpenChange }: PaletteProps) => {
  const t = useTranslations('palette')
  const router = useRouter()
  const go: Go = (href) => {
    onOpenChange(false)
    router.push(href)
  }
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-50 animate-fade-in bg-page/70" />
        <Primitive.Content
          aria-describedby={undefined}
          className={
            'fixed top-[12vh] left-1/2 z-50 w-[min(600px,calc(100vw-24px))] -translate-x-1/2 ' +
            'animate-fade-in overflow-hidden rounded-lg border border-line bg-panel'
          }
        >
          <Primitive.Title className="sr-only">{t('label')}</Primitive.Title>
          <PaletteBody cluster={cluster} go={go} />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
