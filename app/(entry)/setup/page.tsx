import type { Metadata } from 'next'
import { SetupPage } from '../../../components/entry/setup-page.tsx'
import { pageTranslator } from '../../../i18n/request-preferences.ts'

type Props = { searchParams: Promise<{ token?: string | string[] }> }

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await pageTranslator())('setup'), referrer: 'no-referrer' }
}

export default async function Page({ searchParams }: Props) {
  const { token } = await searchParams
  return <SetupPage token={typeof token === 'string' ? token : ''} />
}
