import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { EventsPage } from '../../../../../components/events/events-page.tsx'
import { pageTranslator } from '../../../../../i18n/request-preferences.ts'
import { nameParam } from '../../../../../lib/page-params.ts'

type Props = { params: Promise<{ cluster: string }> }

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await pageTranslator())('events') }
}

export default async function Page({ params }: Props) {
  const cluster = nameParam((await params).cluster)
  if (cluster === null) notFound()
  return <EventsPage cluster={cluster} />
}
