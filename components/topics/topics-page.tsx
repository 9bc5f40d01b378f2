'use client'

import { Plus } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { parseAsArrayOf, parseAsBoolean, parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { topicSort } from '../../contracts/topics.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useNow } from '../../hooks/use-now.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { useTopics } from '../../hooks/use-topics.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { AsOf, isStaleAt } from '../ui/age.tsx'
import { Button } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Pager } from '../ui/pager.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Switch } from '../ui/switch.tsx'
import { CreateTopicSheet } from './create-topic-sheet.tsx'
import { useTopicColumns } from './topic-columns.tsx'
import { TopicsActionSheet } from './topics-action-sheet.tsx'

const PAGE_SIZE = 100

const urlState = {
  search: parseAsString.withDefault(''),
  sort: parseAsString.withDefault('name'),
  page: parseAsInteger.withDefault(1),
  internal: parseAsBoolean.withDefault(false),
  selected: parseAsArrayOf(parseAsString).withDefault([]),
}

const useTopicsState = () => useQueryStates(urlState)
type TopicsState = ReturnType<typeof useTopicsState>

const BulkBar = (props: {
  selected: readonly string[]
  onClear: () => void
  onAct: (sheet: string) => void
}) => {
  const t = useTranslations('table')
  const topics = useTranslations('topics')
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-md bg-accent-soft px-2 py-1">
      <span className="text-sm font-medium">{t('selected', { count: props.selected.length })}</span>
      <Button size="sm" onClick={() => props.onAct('purge-topics')}>
        {topics('purgeEllipsis')}
      </Button>
      <Button size="sm" variant="dangerQuiet" onClick={() => props.onAct('delete-topics')}>
        {topics('deleteEllipsis')}
      </Button>
      <Button size="sm" variant="ghost" onClick={props.onClear}>
        {t('clearSelection')}
      </Button>
    </div>
  )
}

const Toolbar = (props: { state: TopicsState; onAct: (sheet: string) => void }) => {
  const t = useTranslations('topics')
  const [state, setState] = props.state
  return (
    <>
      <SearchInput
        isPageSearch
        label={t('search')}
        value={state.search}
        onChange={(search) => setState({ search, page: 1 })}
      />
      <Switch
        label={t('showInternal')}
        checked={state.internal}
        onCheckedChange={(internal) => setState({ internal, page: 1 })}
      />
      {state.selected.length > 0 ? (
        <BulkBar
          selected={state.selected}
          onClear={() => setState({ selected: [] })}
          onAct={props.onAct}
        />
      ) : null}
    </>
  )
}

const Sheets = ({ cluster, state }: { cluster: string; state: TopicsState }) => {
  const { sheet, close } = useSheet()
  const isAdministrator = useIsAdministrator()
  const [{ selected }, setState] = state
  if (!isAdministrator) return null
  if (sheet === 'create-topic') return <CreateTopicSheet cluster={cluster} onClose={close} />
  if ((sheet !== 'delete-topics' && sheet !== 'purge-topics') || selected.length === 0) return null
  return (
    <TopicsActionSheet
      cluster={cluster}
      action={sheet === 'delete-topics' ? 'delete' : 'purge'}
      topics={selected}
      onClose={() => {
        setState({ selected: [] })
        close()
      }}
      onDone={() => undefined}
    />
  )
}

export const TopicsPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('topics')
  const urlPair = useTopicsState()
  const [state, setState] = urlPair
  const links = useConsoleLinks()
  const formats = useFormats()
  const nowMs = useNow()
  const { open } = useSheet()
  const isAdministrator = useIsAdministrator()
  const columns = useTopicColumns(cluster)
  const sort = topicSort.safeParse(state.sort).data ?? 'name'
  const query = useTopics(cluster, {
    ...(state.search === '' ? {} : { search: state.search }),
    sort,
    page: state.page,
    pageSize: PAGE_SIZE,
    internal: state.internal ? 'true' : 'false',
  })
  const create = (
    <Button variant="primary" onClick={() => open('create-topic')}>
      <Plus aria-hidden />
      {t('create')}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={t('title')}
        verdict={
          query.data ? (
            <span className="text-muted">
              {t('verdict', { count: query.data.total, shown: formats.exact(query.data.total) })}
            </span>
          ) : null
        }
        aside={query.data ? <AsOf asOf={query.data.asOf} /> : null}
        actions={isAdministrator ? create : null}
      />
      {query.error ? (
        <ProblemNote error={query.error} onRetry={() => query.refetch()} className="mb-3" />
      ) : null}
      <DataTable
        id="topics"
        label={t('title')}
        columns={columns}
        rows={query.error && !query.data ? [] : query.data?.items}
        rowId={(topic) => topic.name}
        rowHref={(topic) => links.topic(cluster, topic.name)}
        isPrimary
        isStale={isStaleAt(query.data?.asOf, nowMs)}
        sort={parseSort(sort)}
        onSortChange={(next) => setState({ sort: serializeSort(next), page: 1 })}
        {...(isAdministrator
          ? {
              selection: {
                selected: new Set(state.selected),
                onChange: (selected: ReadonlySet<string>) => setState({ selected: [...selected] }),
              },
            }
          : {})}
        toolbar={<Toolbar state={urlPair} onAct={open} />}
        skeletonRows={10}
        empty={
          state.search === '' ? (
            <EmptyState title={t('emptyTitle')} action={isAdministrator ? create : null}>
              {t('emptyText')}
            </EmptyState>
          ) : (
            <EmptyState title={t('noMatch', { search: state.search })} />
          )
        }
      />
      <Pager
        page={state.page}
        pageSize={PAGE_SIZE}
        total={query.data?.total ?? 0}
        onPage={(page) => setState({ page })}
      />
      <Sheets cluster={cluster} state={urlPair} />
    </>
  )
}
