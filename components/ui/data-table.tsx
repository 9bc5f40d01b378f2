'use client'

import {
  type ColumnDef,
  getCoreRowModel,
  getSortedRowModel,
  type Row as TableRow,
  useReactTable,
} from '@tanstack/react-table'
import { Columns3 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type ReactNode, useCallback, useMemo } from 'react'
import { useIsNarrow } from '../../hooks/use-media.ts'
import { Button } from './button.tsx'
import { DataTableGrid } from './data-table-grid.tsx'
import { DataTablePhone } from './data-table-phone.tsx'
import type { DataColumn, DataSelection, DataSort } from './data-table-types.ts'
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from './dropdown-menu.tsx'
import { useColumnChoice } from './use-column-choice.ts'
import { useListKeys } from './use-list-keys.ts'

type DataTableProps<Row> = {
  /** Names the table to its reader and, as a key, its column choice. */
  id: string
  label: string
  columns: readonly DataColumn<Row>[]
  rows: readonly Row[] | undefined
  rowId: (row: Row) => string
  sort?: DataSort
  onSortChange?: (sort: DataSort) => void
  selection?: DataSelection
  rowHref?: (row: Row) => string
  /** j/k and Enter belong to this table; at most one a page. */
  isPrimary?: boolean
  isStale?: boolean
  empty: ReactNode
  toolbar?: ReactNode
  skeletonRows?: number
}

const compareValues = (a: number | string | null, b: number | string | null): number => {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), undefined, { numeric: true })
}

const columnDef = <Row,>(column: DataColumn<Row>): ColumnDef<Row> => {
  const { sortBy } = column
  const isOnClient = typeof sortBy === 'function'
  return {
    id: column.id,
    accessorFn: (row) => (isOnClient ? sortBy(row) : null),
    enableSorting: sortBy !== undefined,
    sortingFn: (a: TableRow<Row>, b: TableRow<Row>) =>
      isOnClient ? compareValues(sortBy(a.original), sortBy(b.original)) : 0,
  }
}

const ColumnChooser = <Row,>(props: {
  columns: readonly DataColumn<Row>[]
  visibility: Record<string, boolean>
  setColumn: (id: string, isShown: boolean) => void
}) => {
  const t = useTranslations('table')
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t('columns')} title={t('columns')}>
          <Columns3 aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>{t('columns')}</DropdownMenuLabel>
        {props.columns.map((column) => (
          <DropdownMenuCheckboxItem
            key={column.id}
            checked={props.visibility[column.id] ?? true}
            onCheckedChange={(isShown) => props.setColumn(column.id, isShown === true)}
            onSelect={(event) => event.preventDefault()}
          >
            {column.header}
          </DropdownMenuCheckboxItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

export const DataTable = <Row,>(props: DataTableProps<Row>) => {
  const { columns, rows, sort, rowHref } = props
  const router = useRouter()
  const isNarrow = useIsNarrow()
  const defaults = useMemo(
    () => Object.fromEntries(columns.map((c) => [c.id, c.isHiddenByDefault !== true])),
    [columns],
  )
  const { visibility, setColumn } = useColumnChoice(props.id, defaults)
  const defs = useMemo(() => columns.map(columnDef), [columns])
  const isServerSorted = columns.some((column) => column.sortBy === 'server')
  const data = useMemo(() => [...(rows ?? [])], [rows])
  const sortId = sort?.id
  const isDescending = sort?.isDescending === true
  const sorting = useMemo(
    () => (sortId === undefined ? [] : [{ id: sortId, desc: isDescending }]),
    [sortId, isDescending],
  )
  const table = useReactTable<Row>({
    data,
    columns: defs,
    getRowId: props.rowId,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    manualSorting: isServerSorted,
    // There are no pages to go back to, and each reset would render the table again.
    autoResetAll: false,
    state: { sorting },
  })
  const ordered = table.getRowModel().rows
  const open = useCallback(
    (index: number) => {
      const row = ordered[index]
      if (row && rowHref) router.push(rowHref(row.original))
    },
    [ordered, rowHref, router],
  )
  const active = useListKeys({
    isEnabled: props.isPrimary === true && rowHref !== undefined,
    count: ordered.length,
    onOpen: open,
  })
  const hideable = columns.filter((column, index) => index > 0 && column.isFixed !== true)
  const shared = {
    label: props.label,
    columns: columns.filter((column) => visibility[column.id] !== false),
    rows: ordered.map((row) => ({ id: row.id, row: row.original })),
    isLoading: rows === undefined,
    isStale: props.isStale === true,
    skeletonRows: props.skeletonRows ?? 6,
    active,
    ...(props.selection ? { selection: props.selection } : {}),
  }
  const isEmpty = rows !== undefined && rows.length === 0
  return (
    <div className="min-w-0">
      <div className="flex min-h-8 flex-wrap items-center gap-2 pb-2 empty:hidden">
        {props.toolbar}
        {hideable.length > 2 && !isNarrow ? (
          <div className="ml-auto">
            <ColumnChooser columns={hideable} visibility={visibility} setColumn={setColumn} />
          </div>
        ) : null}
      </div>
      <div className="overflow-hidden rounded-md border border-line bg-panel">
        {isEmpty ? (
          props.empty
        ) : isNarrow ? (
          <DataTablePhone {...shared} />
        ) : (
          <DataTableGrid
            {...shared}
            {...(sort ? { sort } : {})}
            {...(props.onSortChange ? { onSortChange: props.onSortChange } : {})}
          />
        )}
      </div>
    </div>
  )
}
