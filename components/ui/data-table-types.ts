import type { ReactNode } from 'react'

export type DataColumn<Row> = {
  readonly id: string
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  /** What the client sorts by; `'server'` when the server does it. Left out: not sortable. */
  readonly sortBy?: 'server' | ((row: Row) => number | string | null)
  readonly align?: 'end'
  /** Its place in the two lines of a row on a phone; left out: not shown there. */
  readonly phone?: 'title' | 'meta' | 'figure'
  /** On a phone the header stands before a `meta` that means nothing alone, as before every figure. */
  readonly isNamedOnPhone?: boolean
  readonly isHiddenByDefault?: boolean
  /** May be switched off in the column chooser; the first column never is. */
  readonly isFixed?: boolean
  readonly className?: string
}

export type DataSort = { readonly id: string; readonly isDescending: boolean }

export const parseSort = (text: string): DataSort =>
  text.startsWith('-')
    ? { id: text.slice(1), isDescending: true }
    : { id: text, isDescending: false }

export const serializeSort = (sort: DataSort): string =>
  sort.isDescending ? `-${sort.id}` : sort.id

export type DataSelection = {
  readonly selected: ReadonlySet<string>
  readonly onChange: (selected: ReadonlySet<string>) => void
}
