import type { Metadata } from 'next'
import { ActivityPage } from '../../../components/activity/activity-page.tsx'
import { pageTranslator } from '../../../i18n/request-preferences.ts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await pageTranslator())('activity') }
}

export default function Page() {
  return <ActivityPage />
}
