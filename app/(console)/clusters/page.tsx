import type { Metadata } from 'next'
import { ClustersPage } from '../../../components/clusters/clusters-page.tsx'
import { pageTranslator } from '../../../i18n/request-preferences.ts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await pageTranslator())('clusters') }
}

export default function Page() {
  return <ClustersPage />
}
