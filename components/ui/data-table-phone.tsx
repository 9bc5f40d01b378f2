'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Button } from './button.tsx'
import { Checkbox } from './checkbox.tsx'
import { cn } from './cn.ts'
import type { RowsProps } from './data-table-grid.tsx'
import { Skeleton } from './skeleton.tsx'

/** Drawn at once; a thumb asks for more. */
const STEP_ROWS = 50

/** Two lines a row: the name and what it is, and the two figures that matter. */
export const DataTablePhone = <Row,>(props: RowsProps<Row>) => {
  const t = useTranslations('table')
  const [drawn, setDrawn] = useState(STEP_ROWS)
  const titles = props.columns.filter((column) => column.phone === 'title')
  const metas = props.columns.filter((column) => column.phone === 'meta')
  const figures = props.columns.filter((column) => column.phone === 'figure').slice(0, 2)
  const { selection } = props
  if (props.isLoading) {
    return (
      <div aria-busy className="divide-y divide-line">
        {Array.from({ length: props.skeletonRows }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity.
          <div key={index} className="flex flex-col gap-2 px-3 py-2.5">
            <Skeleton className="w-1/2" />
            <Skeleton className="w-1/3" />
          </div>
        ))}
      </div>
    )
  }
  const left = props.rows.length - drawn
  return (
    <>
      <ul
        aria-label={props.label}
        className={cn('divide-y divide-line', props.isStale && 'text-stale')}
      >
        {props.rows.slice(0, drawn).map(({ id, row }) => (
          <li key={id} className="flex items-start gap-2.5 px-3 py-2">
            {selection ? (
              <Checkbox
                className="mt-0.5"
                aria-label={t('selectRow', { row: id })}
                checked={selection.selected.has(id)}
                onCheckedChange={() => {
                  const next = new Set(selection.selected)
                  if (next.has(id)) next.delete(id)
                  else next.add(id)
                  selection.onChange(next)
                }}
              />
            ) : null}
            <div className="min-w-0 flex-1">
              <div className="flex min-w-0 flex-wrap items-center gap-x-2 break-all">
                {titles.map((column) => (
                  <span key={column.id} className="min-w-0 font-medium">
                    {column.cell(row)}
                  </span>
                ))}
              </div>
              <div className="flex flex-wrap items-center gap-x-3 text-xs text-muted">
                {metas.map((column) => (
                  <span key={column.id} className="inline-flex gap-1">
                    {column.isNamedOnPhone ? <span>{column.header}</span> : null}
                    {column.cell(row)}
                  </span>
                ))}
              </div>
            </div>
            <dl className="shrink-0 text-right">
              {figures.map((column) => (
                <div key={column.id} className="flex items-baseline justify-end gap-1.5">
                  <dt className="text-xs text-muted">{column.header}</dt>
                  <dd className="tabular">{column.cell(row)}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
      {left > 0 ? (
        <div className="border-t border-line p-2 text-center">
          <Button onClick={() => setDrawn(drawn + STEP_ROWS)}>{t('more', { count: left })}</Button>
        </div>
      ) : null}
    </>
  )
}
