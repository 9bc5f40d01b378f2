'use client'

import { useTranslations } from 'next-intl'
import { parseAsBoolean, parseAsString, useQueryState } from 'nuqs'
import { useMemo, useState } from 'react'
import type { ConfigEntry } from '../../contracts/configs.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { type ConfigEntity, useConfigs } from '../../hooks/use-configs.ts'
import { Button } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Switch } from '../ui/switch.tsx'
import { ConfigHistory } from './config-history.tsx'
import { ConfigValueCell } from './config-value-cell.tsx'
import { type ConfigEdits, effectiveEdits, isOfEntity, isOwnOverride, withEdit } from './edits.ts'
import { ReviewSheet } from './review-sheet.tsx'
import { SourceCell } from './source-cell.tsx'

type ColumnContext = {
  entity: ConfigEntity
  edits: ConfigEdits
  setEdits: (edits: ConfigEdits) => void
}

const useConfigColumns = (context: ColumnContext): readonly DataColumn<ConfigEntry>[] => {
  const t = useTranslations('config')
  const isAdministrator = useIsAdministrator()
  const { entity, edits, setEdits } = context
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('name'),
        phone: 'title',
        sortBy: (entry) => entry.name,
        className: 'min-w-64 align-top',
        cell: (entry) => (
          <div className="py-1">
            <span className="font-mono font-medium break-all">{entry.name}</span>
            {entry.documentation ? (
              <p
                className="line-clamp-2 max-w-130 text-xs font-normal text-pretty [word-break:normal] break-words text-muted hover:line-clamp-none"
                title={entry.documentation}
              >
                {entry.documentation}
              </p>
            ) : null}
          </div>
        ),
      },
      {
        id: 'value',
        header: t('value'),
        isFixed: true,
        phone: 'meta',
        className: 'min-w-70 align-top',
        cell: (entry) => (
          <div className="py-1">
            <ConfigValueCell
              entry={entry}
              edit={edits[entry.name]}
              canEdit={isAdministrator}
              canReset={isOwnOverride(entry, entity.type)}
              readOnlyReason={entry.isReadOnly ? t('readOnly') : null}
              onEdit={(edit) => setEdits(withEdit(edits, entry, edit))}
            />
          </div>
        ),
      },
      {
        id: 'source',
        header: t('sourceHeader'),
        sortBy: (entry) => entry.source,
        phone: 'meta',
        className: 'align-top',
        cell: (entry) => (
          <div className="py-1">
            <SourceCell entry={entry} />
          </div>
        ),
      },
      {
        id: 'default',
        header: t('defaultHeader'),
        className: 'align-top',
        cell: (entry) => (
          <div className="py-1 font-mono break-all text-muted">
            {entry.isSensitive
              ? '–'
              : entry.defaultValue === ''
                ? t('emptyValue')
                : (entry.defaultValue ?? '–')}
          </div>
        ),
      },
      {
        id: 'type',
        header: t('type'),
        isHiddenByDefault: true,
        className: 'align-top',
        cell: (entry) => <div className="py-1 text-muted">{entry.type}</div>,
      },
    ],
    [edits, entity.type, isAdministrator, setEdits, t],
  )
}

const PendingBar = (props: { count: number; onReview: () => void; onDiscard: () => void }) => {
  const t = useTranslations('config')
  return (
    <div className="sticky bottom-3 z-20 mt-3 flex flex-wrap items-center gap-2 rounded-md border border-accent bg-panel px-3 py-2">
      <span className="flex-1 font-medium">{t('pending', { count: props.count })}</span>
      <Button onClick={props.onDiscard}>{t('discard')}</Button>
      <Button variant="primary" disabled={props.count === 0} onClick={props.onReview}>
        {t('review')}
      </Button>
    </div>
  )
}

const historyFilter = (entity: ConfigEntity) => {
  if (entity.type === 'topic') return { entityType: 'topic' as const, entity: entity.topic }
  if (entity.type === 'broker')
    return { entityType: 'broker' as const, entity: String(entity.broker) }
  return { entityType: 'broker-default' as const }
}

/** All configs of a topic, a broker or the cluster-wide default; edits are gathered, reviewed, applied. */
export const ConfigEditor = ({ cluster, entity }: { cluster: string; entity: ConfigEntity }) => {
  const t = useTranslations('config')
  const [search, setSearch] = useQueryState('config', parseAsString.withDefault(''))
  const [changedOnly, setChangedOnly] = useQueryState('own', parseAsBoolean.withDefault(false))
  const [sort, setSort] = useQueryState('configSort', parseAsString.withDefault('name'))
  const [edits, setEdits] = useState<ConfigEdits>({})
  const [reviewed, setReviewed] = useState<ConfigEdits | null>(null)
  const query = useConfigs(cluster, entity)
  const columns = useConfigColumns({ entity, edits, setEdits })
  const entries = useMemo(
    () => query.data?.items.filter((entry) => isOfEntity(entry, entity.type)),
    [query.data, entity.type],
  )
  const changes = useMemo(() => effectiveEdits(edits, entries ?? []), [edits, entries])
  const shown = useMemo(() => {
    const text = search.toLowerCase()
    return entries?.filter(
      (entry) =>
        (!changedOnly || !entry.isDefault) &&
        (entry.name.includes(text) ||
          (entry.documentation ?? '').toLowerCase().includes(text) ||
          (entry.value ?? '').toLowerCase().includes(text)),
    )
  }, [entries, search, changedOnly])
  return (
    <div className="flex flex-col gap-4">
      {query.error ? <ProblemNote error={query.error} onRetry={() => query.refetch()} /> : null}
      <div>
        <DataTable
          id={`configs-${entity.type}`}
          label={t('title')}
          columns={columns}
          rows={query.error && !entries ? [] : shown}
          rowId={(entry) => entry.name}
          sort={parseSort(sort)}
          onSortChange={(next) => setSort(serializeSort(next))}
          skeletonRows={12}
          empty={<EmptyState title={entries?.length === 0 ? t('noneSet') : t('noMatch')} />}
          toolbar={
            <>
              <SearchInput
                isPageSearch
                className="w-80"
                label={t('search')}
                value={search}
                onChange={(next) => setSearch(next === '' ? null : next)}
              />
              <Switch
                label={t('changedOnly')}
                checked={changedOnly}
                onCheckedChange={(on) => setChangedOnly(on)}
              />
            </>
          }
        />
        {Object.keys(edits).length > 0 ? (
          <PendingBar
            count={Object.keys(changes).length}
            onDiscard={() => setEdits({})}
            onReview={() => setReviewed(changes)}
          />
        ) : null}
      </div>
      <ConfigHistory cluster={cluster} filter={historyFilter(entity)} />
      {reviewed ? (
        <ReviewSheet
          cluster={cluster}
          entity={entity}
          edits={reviewed}
          onClose={() => setReviewed(null)}
          onApplied={() => setEdits({})}
        />
      ) : null}
    </div>
  )
}
