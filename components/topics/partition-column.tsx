import Link from 'next/link'
import type { DataColumn } from '../ui/data-table-types.ts'

/** The first column of a table over partitions of several topics. */
export const partitionColumn = <Row extends { topic: string; partition: number }>(options: {
  header: string
  href: (topic: string) => string
}): DataColumn<Row> => ({
  id: 'partition',
  header: options.header,
  phone: 'title',
  sortBy: (one) => `${one.topic} ${String(one.partition).padStart(6, '0')}`,
  cell: (one) => (
    <span className="font-mono">
      <Link href={options.href(one.topic)} className="break-all underline-offset-2 hover:underline">
        {one.topic}
      </Link>
      <span className="text-muted">-{one.partition}</span>
    </span>
  ),
})
