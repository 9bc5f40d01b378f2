import type { Metadata } from 'next'
import { UsersPage } from '../../../components/account/users-page.tsx'
import { pageTranslator } from '../../../i18n/request-preferences.ts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await pageTranslator())('users') }
}

export default function Page() {
  return <UsersPage />
}
