import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { GroupPage } from '../../../../../../components/groups/group-page.tsx'
import { nameParam } from '../../../../../../lib/page-params.ts'

type Props = { params: Promise<{ cluster: string; group: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: nameParam((await params).group) ?? '' }
}

export default async function Page({ params }: Props) {
  const given = await params
  const cluster = nameParam(given.cluster)
  const group = nameParam(given.group)
  if (cluster === null || group === null) notFound()
  return <GroupPage key={group} cluster={cluster} group={group} />
}
