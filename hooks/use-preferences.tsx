'use client'

import { useRouter } from 'next/navigation'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import {
  LOCALE_COOKIE,
  type Locale,
  THEME_COOKIE,
  type Theme,
  TIME_ZONE_COOKIE,
} from '../i18n/locale.ts'
import type { TimeZoneChoice } from '../lib/format-time.ts'

type Preferences = {
  readonly locale: Locale
  readonly theme: Theme
  readonly timeZone: TimeZoneChoice
  readonly setLocale: (locale: Locale) => void
  readonly setTheme: (theme: Theme) => void
  readonly setTimeZone: (timeZone: TimeZoneChoice) => void
}

const PreferencesContext = createContext<Preferences | null>(null)

const YEAR_SECONDS = 31_536_000

const writeCookie = (name: string, value: string): void => {
  // biome-ignore lint/suspicious/noDocumentCookie: cookieStore is not in every supported browser.
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
}

type ProviderProps = {
  initial: { locale: Locale; theme: Theme; timeZone: TimeZoneChoice }
  children: ReactNode
}

export const PreferencesProvider = ({ initial, children }: ProviderProps) => {
  const router = useRouter()
  const [theme, setTheme] = useState(initial.theme)
  const [timeZone, setTimeZone] = useState(initial.timeZone)
  const value = useMemo<Preferences>(
    () => ({
      locale: initial.locale,
      theme,
      timeZone,
      setLocale: (locale) => {
        writeCookie(LOCALE_COOKIE, locale)
        router.refresh()
      },
      setTheme: (next) => {
        writeCookie(THEME_COOKIE, next)
        document.documentElement.classList.remove('light', 'dark')
        if (next !== 'system') document.documentElement.classList.add(next)
        setTheme(next)
      },
      setTimeZone: (next) => {
        writeCookie(TIME_ZONE_COOKIE, next)
        setTimeZone(next)
      },
    }),
    [initial.locale, theme, timeZone, router],
  )
  return <PreferencesContext value={value}>{children}</PreferencesContext>
}

export const usePreferences = (): Preferences => {
  const value = useContext(PreferencesContext)
  if (!value) throw new Error('usePreferences needs PreferencesProvider')
  return value
}
