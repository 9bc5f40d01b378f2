'use client'

import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useEffect, useRef } from 'react'
import { Checkbox } from './checkbox.tsx'
import { cn } from './cn.ts'
import type { DataColumn, DataSelection, DataSort } from './data-table-types.ts'
import { Skeleton } from './skeleton.tsx'
import { Table, Td, Th } from './table.tsx'

export type RowsProps<Row> = {
  label: string
  columns: readonly DataColumn<Row>[]
  rows: readonly { readonly id: string; readonly row: Row }[]
  isLoading: boolean
  isStale: boolean
  skeletonRows: number
  active: number
  selection?: DataSelection
}

type GridProps<Row> = RowsProps<Row> & {
  sort?: DataSort
  onSortChange?: (sort: DataSort) => void
}

const ROW_PX = 34
const VIRTUAL_FROM = 200
const FIRST_SIGHT_PX = 900

const HeaderCell = <Row,>(props: {
  column: DataColumn<Row>
  sort: DataSort | undefined
  onSortChange: ((sort: DataSort) => void) | undefined
  isFirst: boolean
}) => {
  const { column, sort, onSortChange } = props
  const isSorted = sort?.id === column.id
  const isSortable = column.sortBy !== undefined && onSortChange !== undefined
  const Arrow = sort?.isDescending ? ArrowDown : ArrowUp
  return (
    <Th
      className={cn(
        'sticky top-0 z-10',
        column.align === 'end' && 'text-right',
        props.isFirst && 'max-lg:left-0 max-lg:z-20',
      )}
      {...(isSorted ? { 'aria-sort': sort.isDescending ? 'descending' : 'ascending' } : {})}
    >
      {isSortable ? (
        <button
          type="button"
          className="inline-flex items-center gap-1 font-medium hover:text-ink"
          onClick={() =>
            onSortChange({
              id: column.id,
              isDescending: isSorted ? !sort.isDescending : column.align === 'end',
            })
          }
        >
          {column.header}
          {isSorted ? <Arrow aria-hidden className="size-3.5" /> : null}
        </button>
      ) : (
        column.header
      )}
    </Th>
  )
}

const SelectAll = ({ ids, selection }: { ids: readonly string[]; selection: DataSelection }) => {
  const t = useTranslations('table')
  const count = ids.filter((id) => selection.selected.has(id)).length
  const isAll = count > 0 && count === ids.length
  return (
    <Th className="sticky top-0 z-10 w-9 pr-0">
      <Checkbox
        aria-label={t('selectAll')}
        checked={isAll ? true : count > 0 ? 'indeterminate' : false}
        onCheckedChange={() => selection.onChange(new Set(isAll ? [] : ids))}
      />
    </Th>
  )
}

const SelectCell = ({ id, selection }: { id: string; selection: DataSelection }) => {
  const t = useTranslations('table')
  const isSelected = selection.selected.has(id)
  return (
    <Td className="w-9 pr-0">
      <Checkbox
        aria-label={t('selectRow', { row: id })}
        checked={isSelected}
        onCheckedChange={() => {
          const next = new Set(selection.selected)
          if (isSelected) next.delete(id)
          else next.add(id)
          selection.onChange(next)
        }}
      />
    </Td>
  )
}

const SkeletonRows = <Row,>(props: GridProps<Row>) =>
  Array.from({ length: props.skeletonRows }, (_, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity.
    <tr key={index}>
      {props.selection ? <Td className="w-9" /> : null}
      {props.columns.map((column, at) => (
        <Td key={column.id}>
          <Skeleton
            className={cn(at === 0 ? 'w-40' : 'w-14', column.align === 'end' && 'ml-auto')}
          />
        </Td>
      ))}
    </tr>
  ))

const BodyRow = <Row,>(props: {
  item: { readonly id: string; readonly row: Row }
  isActive: boolean
  columns: readonly DataColumn<Row>[]
  selection: DataSelection | undefined
  index: number
  /** Where rows may be taller than one line: the virtualizer learns their real height. */
  measure: ((row: HTMLTableRowElement) => void) | undefined
}) => {
  const ref = useRef<HTMLTableRowElement>(null)
  const { measure } = props
  useEffect(() => {
    if (ref.current) measure?.(ref.current)
  }, [measure])
  useEffect(() => {
    if (props.isActive) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [props.isActive])
  return (
    <tr
      ref={ref}
      data-index={props.index}
      className={cn(
        'group/row transition-colors last:[&>td]:border-b-0 hover:bg-hover',
        props.isActive && 'bg-accent-soft',
        props.selection?.selected.has(props.item.id) && 'bg-accent-soft',
      )}
    >
      {props.selection ? <SelectCell id={props.item.id} selection={props.selection} /> : null}
      {props.columns.map((column, index) => (
        <Td
          key={column.id}
          className={cn(
            column.align === 'end' && 'tabular text-right',
            index === 0 && 'max-lg:sticky max-lg:left-0 max-lg:bg-panel',
            column.className,
          )}
        >
          {column.cell(props.item.row)}
        </Td>
      ))}
    </tr>
  )
}

/** Rows beyond 200 are drawn only where they are in sight; the table keeps its full height. */
export const DataTableGrid = <Row,>(props: GridProps<Row>) => {
  const { rows, columns, selection } = props
  const scroller = useRef<HTMLElement>(null)
  const isVirtual = rows.length > VIRTUAL_FROM
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    // What is in sight is known only once it is drawn: until then, as much as most screens show.
    initialRect: { width: 0, height: FIRST_SIGHT_PX },
    enabled: isVirtual,
  })
  const items = isVirtual ? virtualizer.getVirtualItems() : null
  const first = items?.[0]?.index ?? 0
  const drawn = items ? rows.slice(first, first + items.length) : rows
  const abovePx = items?.[0]?.start ?? 0
  const belowPx = items ? virtualizer.getTotalSize() - (items[items.length - 1]?.end ?? 0) : 0
  const width = columns.length + (selection ? 1 : 0)
  return (
    <section
      ref={scroller}
      aria-label={props.label}
      aria-busy={props.isLoading}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      className={cn('overflow-auto', isVirtual && 'max-h-[max(360px,calc(100dvh-200px))]')}
    >
      <Table className={props.isStale ? 'text-stale' : undefined} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {selection ? (
              <SelectAll ids={rows.map((item) => item.id)} selection={selection} />
            ) : null}
            {columns.map((column, index) => (
              <HeaderCell
                key={column.id}
                column={column}
                sort={props.sort}
                onSortChange={props.onSortChange}
                isFirst={index === 0}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {props.isLoading ? <SkeletonRows {...props} /> : null}
          {abovePx > 0 ? (
            <tr aria-hidden style={{ height: abovePx }}>
              <td colSpan={width} />
            </tr>
          ) : null}
          {drawn.map((item, index) => (
            <BodyRow
              key={item.id}
              item={item}
              index={first + index}
              measure={isVirtual ? virtualizer.measureElement : undefined}
              isActive={first + index === props.active}
              columns={columns}
              selection={selection}
            />
          ))}
          {belowPx > 0 ? (
            <tr aria-hidden style={{ height: belowPx }}>
              <td colSpan={width} />
            </tr>
          ) : null}
        </tbody>
      </Table>
    </section>
  )
}
