import type { Metadata } from 'next'
import { AccountPage } from '../../../components/account/account-page.tsx'
import { pageTranslator } from '../../../i18n/request-preferences.ts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await pageTranslator())('account') }
}

export default function Page() {
  return <AccountPage />
}
