'use client'

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { NextIntlClientProvider } from 'next-intl'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import { type ReactNode, useState } from 'react'
import { PreferencesProvider } from '../../hooks/use-preferences.tsx'
import type { Locale, Theme } from '../../i18n/locale.ts'
import type { Messages } from '../../i18n/messages.ts'
import { ApiError } from '../../lib/api-client.ts'
import type { TimeZoneChoice } from '../../lib/format-time.ts'
import { Toaster } from '../ui/toaster.tsx'

const ENTRY_PATHS = ['/sign-in', '/setup']

/** A session that ended sends its reader to sign in and back to the same page afterwards. */
const onRefused = (error: unknown): void => {
  if (!(error instanceof ApiError) || error.problem.status !== 401) return
  const { pathname, search } = window.location
  if (ENTRY_PATHS.some((path) => pathname.startsWith(path))) return
  window.location.assign(`/sign-in?next=${encodeURIComponent(pathname + search)}`)
}

const isWorthRetrying = (count: number, error: unknown): boolean =>
  count < 2 && !(error instanceof ApiError && error.problem.status < 500)

const makeQueryClient = (): QueryClient =>
  new QueryClient({
    queryCache: new QueryCache({ onError: onRefused }),
    mutationCache: new MutationCache({ onError: onRefused }),
    defaultOptions: {
      queries: { staleTime: 2000, gcTime: 120_000, retry: isWorthRetrying },
      mutations: { retry: false },
    },
  })

type ProvidersProps = {
  preferences: { locale: Locale; theme: Theme; timeZone: TimeZoneChoice }
  messages: Messages
  children: ReactNode
}

export const AppProviders = ({ preferences, messages, children }: ProvidersProps) => {
  const [client] = useState(makeQueryClient)
  return (
    <NextIntlClientProvider locale={preferences.locale} messages={messages} timeZone="UTC">
      <NuqsAdapter>
        <PreferencesProvider initial={preferences}>
          <QueryClientProvider client={client}>
            {children}
            <Toaster label={messages.common.notifications} />
          </QueryClientProvider>
        </PreferencesProvider>
      </NuqsAdapter>
    </NextIntlClientProvider>
  )
}
