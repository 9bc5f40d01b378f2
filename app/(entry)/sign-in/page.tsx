import type { Metadata } from 'next'
import { SignInPage } from '../../../components/entry/sign-in-page.tsx'
import { pageTranslator } from '../../../i18n/request-preferences.ts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await pageTranslator())('signIn') }
}

export default function Page() {
  return <SignInPage />
}
