import { notFound } from 'next/navigation'
import type { ReactNode } from 'react'
import { ClusterSheets } from '../../../../components/frame/cluster-sheets.tsx'
import { nameParam } from '../../../../lib/page-params.ts'

type Props = { params: Promise<{ cluster: string }>; children: ReactNode }

export default async function ClusterLayout({ params, children }: Props) {
  const cluster = nameParam((await params).cluster)
  if (cluster === null) notFound()
  return (
    <>
      {children}
      <ClusterSheets cluster={cluster} />
    </>
  )
}
