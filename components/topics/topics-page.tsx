'use client'

import { Plus } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { parseAsArrayOf, parseAsBoolean, parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { topicSort } from '../../contracts/topics.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useFormats } from '../../hooks/use-formats.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { useTopics } from '../../hooks/use-topics.ts'
import { ListPage } from '../frame/list-page.tsx'
import { BulkBar } from '../ui/bulk-bar.tsx'
import { Button } from '../ui/button.tsx'
import { parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
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
      <BulkBar count={state.selected.length} onClear={() => setState({ selected: [] })}>
        <Button size="sm" onClick={() => props.onAct('purge-topics')}>
          {t('purgeEllipsis')}
        </Button>
        <Button size="sm" variant="dangerQuiet" onClick={() => props.onAct('delete-topics')}>
          {t('deleteEllipsis')}
        </Button>
      </BulkBar>
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
    />
  )
}

export const TopicsPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('topics')
  const urlPair = useTopicsState()
  const [state, setState] = urlPair
  const links = useConsoleLinks()
  const formats = useFormats()
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
  const selection = {
    selected: new Set(state.selected),
    onChange: (selected: ReadonlySet<string>) => setState({ selected: [...selected] }),
  }
  const create = (
    <Button variant="primary" onClick={() => open('create-topic')}>
      <Plus aria-hidden />
      {t('create')}
    </Button>
  )
  return (
    <>
      <ListPage
        title={t('title')}
        verdict={
          query.data ? (
            <span className="text-muted">
              {t(state.internal ? 'verdict' : 'verdictOwn', {
                count: query.data.total,
                shown: formats.exact(query.data.total),
              })}
            </span>
          ) : null
        }
        actions={isAdministrator ? create : null}
        query={query}
        table={{
          id: 'topics',
          columns,
          rowId: (topic) => topic.name,
          rowHref: (topic) => links.topic(cluster, topic.name),
          isPrimary: true,
          sort: parseSort(sort),
          onSortChange: (next) => setState({ sort: serializeSort(next), page: 1 }),
          ...(isAdministrator ? { selection } : {}),
          toolbar: <Toolbar state={urlPair} onAct={open} />,
          skeletonRows: 10,
          empty:
            state.search === '' ? (
              <EmptyState title={t('emptyTitle')} action={isAdministrator ? create : null}>
                {t('emptyText')}
              </EmptyState>
            ) : (
              <EmptyState title={t('noMatch', { search: state.search })} />
            ),
        }}
        page={state.page}
        pageSize={PAGE_SIZE}
        onPage={(page) => setState({ page })}
      />
      <Sheets cluster={cluster} state={urlPair} />
    </>
  )
}
