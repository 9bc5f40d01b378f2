import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { BrokerPage } from '../../../../../../components/brokers/broker-page.tsx'
import { pageTranslator } from '../../../../../../i18n/request-preferences.ts'
import { nameParam } from '../../../../../../lib/page-params.ts'

type Props = { params: Promise<{ cluster: string; broker: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await pageTranslator())('broker', { id: (await params).broker }) }
}

export default async function Page({ params }: Props) {
  const given = await params
  const cluster = nameParam(given.cluster)
  if (cluster === null || !/^\d{1,10}$/.test(given.broker)) notFound()
  return <BrokerPage key={given.broker} cluster={cluster} broker={Number(given.broker)} />
}
