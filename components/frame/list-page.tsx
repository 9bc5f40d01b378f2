'use client'

import type { ComponentProps, ReactNode } from 'react'
import { useNow } from '../../hooks/use-now.ts'
import { AsOf, isStaleAt } from '../ui/age.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Pager } from '../ui/pager.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import type { ProblemLike } from '../ui/problem-text.ts'
import { PageHeader } from './page-header.tsx'

type ListPageProps<Row> = {
  title: string
  verdict: ReactNode
  actions?: ReactNode
  query: {
    readonly data:
      | { readonly items: readonly Row[]; readonly total: number; readonly asOf: number | null }
      | undefined
    readonly error: ProblemLike | null
    refetch(): unknown
  }
  /** The list is of this moment whenever it was asked for: its age says nothing. */
  isAgeless?: boolean
  table: Omit<ComponentProps<typeof DataTable<Row>>, 'label' | 'rows' | 'isStale'>
  page: number
  pageSize: number
  onPage: (page: number) => void
}

/** A page that is a list: heading, failure, table, pager. */
export const ListPage = <Row,>(props: ListPageProps<Row>) => {
  const { query, title } = props
  const nowMs = useNow()
  const asOf = props.isAgeless ? undefined : query.data?.asOf
  return (
    <>
      <PageHeader
        title={title}
        verdict={props.verdict}
        aside={asOf === undefined ? null : <AsOf asOf={asOf} />}
        actions={props.actions}
      />
      {query.error ? (
        <ProblemNote error={query.error} onRetry={() => query.refetch()} className="mb-3" />
      ) : null}
      <DataTable
        {...props.table}
        label={title}
        rows={query.error && !query.data ? [] : query.data?.items}
        isStale={isStaleAt(asOf, nowMs)}
      />
      <Pager
        page={props.page}
        pageSize={props.pageSize}
        total={query.data?.total ?? 0}
        onPage={props.onPage}
      />
    </>
  )
}
