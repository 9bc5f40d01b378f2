import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { TopicPage } from '../../../../../../components/topics/topic-page.tsx'
import { nameParam } from '../../../../../../lib/page-params.ts'

type Props = { params: Promise<{ cluster: string; topic: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: nameParam((await params).topic) ?? '' }
}

export default async function Page({ params }: Props) {
  const given = await params
  const cluster = nameParam(given.cluster)
  const topic = nameParam(given.topic)
  if (cluster === null || topic === null) notFound()
  return <TopicPage key={topic} cluster={cluster} topic={topic} />
}
