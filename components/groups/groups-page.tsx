'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { parseAsArrayOf, parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { type GroupItem, groupSort, groupState } from '../../contracts/groups.ts'
import { verdictFilter } from '../../contracts/lag.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useGroups } from '../../hooks/use-groups.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { ListPage } from '../frame/list-page.tsx'
import { LagTimeFigure } from '../lag/lag-time-figure.tsx'
import { useLagWords } from '../lag/use-lag-words.ts'
import { VerdictMark } from '../lag/verdict-mark.tsx'
import { BulkBar } from '../ui/bulk-bar.tsx'
import { Button } from '../ui/button.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Figure } from '../ui/figure.tsx'
import { useMissingNow } from '../ui/missing-reason.ts'
import { SearchInput } from '../ui/search-input.tsx'
import { Select } from '../ui/select.tsx'
import { DeleteGroupsSheet } from './delete-groups-sheet.tsx'
import { GroupStateMark } from './group-state-mark.tsx'
import { GroupTrend } from './group-trend.tsx'

const PAGE_SIZE = 100
const ANY = 'any'

const urlState = {
  search: parseAsString.withDefault(''),
  sort: parseAsString.withDefault('id'),
  state: parseAsString.withDefault(ANY),
  verdict: parseAsString.withDefault(ANY),
  page: parseAsInteger.withDefault(1),
  selected: parseAsArrayOf(parseAsString).withDefault([]),
}

const useGroupsState = () => useQueryStates(urlState)
type GroupsState = ReturnType<typeof useGroupsState>

const useGroupColumns = (cluster: string): readonly DataColumn<GroupItem>[] => {
  const t = useTranslations('groups')
  const lagText = useTranslations('lag')
  const words = useLagWords()
  const links = useConsoleLinks()
  const noCommit = useMissingNow(t('noCommit'))
  return useMemo(
    () => [
      {
        id: 'id',
        header: t('group'),
        sortBy: 'server',
        phone: 'title',
        cell: (group) => (
          <Link
            href={links.group(cluster, group.id)}
            className="font-mono font-medium break-all underline-offset-2 hover:underline"
          >
            {group.id === '' ? t('emptyId') : group.id}
          </Link>
        ),
      },
      {
        id: 'state',
        header: t('state'),
        sortBy: 'server',
        phone: 'meta',
        cell: (group) => <GroupStateMark state={group.state} />,
      },
      {
        id: 'members',
        header: t('members'),
        sortBy: 'server',
        align: 'end',
        cell: (group) => <Figure value={group.members} />,
      },
      {
        id: 'topics',
        header: t('topics'),
        cell: (group) => (
          <span
            className="block max-w-70 truncate font-mono text-xs"
            title={group.topics.join(', ')}
          >
            {group.topics.join(', ') || '–'}
          </span>
        ),
      },
      {
        id: 'totalLag',
        header: t('lag'),
        sortBy: 'server',
        align: 'end',
        phone: 'figure',
        cell: (group) => <Figure value={group.totalLag} unit="records" missing={noCommit} />,
      },
      {
        id: 'lagTime',
        header: lagText('column'),
        sortBy: 'server',
        align: 'end',
        phone: 'figure',
        cell: (group) => <LagTimeFigure time={group.lagTime} />,
      },
      {
        id: 'verdict',
        header: lagText('verdict'),
        sortBy: 'server',
        phone: 'meta',
        cell: (group) => (
          <VerdictMark verdict={group.verdict} cause={group.cause} reason={words.group(group)} />
        ),
      },
      {
        id: 'trend',
        header: t('trend'),
        phone: 'meta',
        cell: (group) => <GroupTrend group={group} />,
      },
      {
        id: 'coordinator',
        header: t('coordinator'),
        sortBy: 'server',
        align: 'end',
        cell: (group) =>
          group.coordinator === null ? (
            '–'
          ) : (
            <Link
              href={links.broker(cluster, group.coordinator)}
              className="underline-offset-2 hover:underline"
            >
              {t('broker', { id: group.coordinator })}
            </Link>
          ),
      },
      {
        id: 'protocol',
        header: t('protocol'),
        isHiddenByDefault: true,
        cell: (group) => (
          <span className="font-mono text-xs">
            {[group.protocolType, group.protocol].filter((part) => part !== '').join(' / ') || '–'}
          </span>
        ),
      },
    ],
    [cluster, links, noCommit, t, lagText, words],
  )
}

const Toolbar = ({ pair }: { pair: GroupsState }) => {
  const t = useTranslations('groups')
  const stateWords = useTranslations('groupState')
  const lagText = useTranslations('lag')
  const { open } = useSheet()
  const [state, setState] = pair
  return (
    <>
      <SearchInput
        isPageSearch
        label={t('search')}
        value={state.search}
        onChange={(search) => setState({ search, page: 1 })}
      />
      <Select
        aria-label={t('state')}
        className="w-44"
        value={groupState.safeParse(state.state).data ?? ANY}
        onValueChange={(next) => setState({ state: next, page: 1 })}
        options={[
          { value: ANY, label: t('anyState') },
          ...groupState.options.map((one) => ({ value: one, label: stateWords(one) })),
        ]}
      />
      <Select
        aria-label={lagText('verdict')}
        className="w-44"
        value={verdictFilter.safeParse(state.verdict).data ?? ANY}
        onValueChange={(next) => setState({ verdict: next, page: 1 })}
        options={[
          { value: ANY, label: lagText('anyVerdict') },
          ...verdictFilter.options.map((one) => ({
            value: one,
            label: `${lagText(`code.${one}`)} · ${lagText(`meaning.${one}`)}`,
          })),
        ]}
      />
      <BulkBar count={state.selected.length} onClear={() => setState({ selected: [] })}>
        <Button size="sm" variant="dangerQuiet" onClick={() => open('delete-groups')}>
          {t('deleteEllipsis')}
        </Button>
      </BulkBar>
    </>
  )
}

export const GroupsPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('groups')
  const pair = useGroupsState()
  const [state, setState] = pair
  const links = useConsoleLinks()
  const formats = useFormats()
  const { isOpen, close } = useSheet()
  const isAdministrator = useIsAdministrator()
  const columns = useGroupColumns(cluster)
  const sort = groupSort.safeParse(state.sort).data ?? 'id'
  const chosen = groupState.safeParse(state.state).data
  const verdict = verdictFilter.safeParse(state.verdict).data
  const query = useGroups(cluster, {
    ...(state.search === '' ? {} : { search: state.search }),
    ...(chosen ? { state: chosen } : {}),
    ...(verdict ? { verdict } : {}),
    sort,
    page: state.page,
    pageSize: PAGE_SIZE,
  })
  const selection = {
    selected: new Set(state.selected),
    onChange: (selected: ReadonlySet<string>) => setState({ selected: [...selected] }),
  }
  return (
    <>
      <ListPage
        title={t('title')}
        verdict={
          query.data ? (
            <span className="text-muted">
              {t('verdict', { count: query.data.total, shown: formats.exact(query.data.total) })}
            </span>
          ) : null
        }
        query={query}
        table={{
          id: 'groups',
          columns,
          rowId: (group) => group.id,
          rowHref: (group) => links.group(cluster, group.id),
          isPrimary: true,
          sort: parseSort(sort),
          onSortChange: (next) => setState({ sort: serializeSort(next), page: 1 }),
          ...(isAdministrator ? { selection } : {}),
          skeletonRows: 8,
          toolbar: <Toolbar pair={pair} />,
          empty:
            state.search === '' && !chosen && !verdict ? (
              <EmptyState title={t('emptyTitle')}>{t('emptyText')}</EmptyState>
            ) : (
              <EmptyState title={t('noMatch')} />
            ),
        }}
        page={state.page}
        pageSize={PAGE_SIZE}
        onPage={(page) => setState({ page })}
      />
      {isAdministrator && isOpen('delete-groups') && state.selected.length > 0 ? (
        <DeleteGroupsSheet
          cluster={cluster}
          groups={state.selected}
          onClose={() => {
            setState({ selected: [] })
            close()
          }}
        />
      ) : null}
    </>
  )
}
