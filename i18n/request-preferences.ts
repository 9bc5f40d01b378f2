import { cookies, headers } from 'next/headers'
import { createTranslator } from 'next-intl'
import type { TimeZoneChoice } from '../lib/format-time.ts'
import {
  isTheme,
  LOCALE_COOKIE,
  type Locale,
  pickLocale,
  THEME_COOKIE,
  type Theme,
  TIME_ZONE_COOKIE,
} from './locale.ts'
import { messagesOf } from './messages.ts'

export type RequestPreferences = {
  readonly locale: Locale
  readonly theme: Theme
  readonly timeZone: TimeZoneChoice
}

/** From cookies, so that the first byte of the page already has the right language and theme. */
export const readRequestPreferences = async (): Promise<RequestPreferences> => {
  const jar = await cookies()
  const theme = jar.get(THEME_COOKIE)?.value
  const acceptLanguage = (await headers()).get('accept-language')
  return {
    locale: pickLocale(jar.get(LOCALE_COOKIE)?.value, acceptLanguage),
    theme: isTheme(theme) ? theme : 'system',
    timeZone: jar.get(TIME_ZONE_COOKIE)?.value === 'utc' ? 'utc' : 'local',
  }
}

/** For page titles, which the server writes. */
export const pageTranslator = async () => {
  const { locale } = await readRequestPreferences()
  return createTranslator({ locale, messages: messagesOf(locale), namespace: 'pages' })
}
