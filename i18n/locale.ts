export const LOCALES = ['en', 'zh'] as const
export type Locale = (typeof LOCALES)[number]

export const LOCALE_COOKIE = 'eyrie-locale'
export const THEME_COOKIE = 'eyrie-theme'
export const TIME_ZONE_COOKIE = 'eyrie-time-zone'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** What `<html lang>` carries: the script matters to fonts and screen readers. */
export const htmlLang: Record<Locale, string> = { en: 'en', zh: 'zh-Hans' }

const isLocale = (text: string): text is Locale => (LOCALES as readonly string[]).includes(text)

export const isTheme = (text: string | undefined): text is Theme =>
  text !== undefined && (THEMES as readonly string[]).includes(text)

/** The cookie's choice, else the first language of the browser's that there is a catalogue for. */
export const pickLocale = (cookie: string | undefined, acceptLanguage: string | null): Locale => {
  if (cookie !== undefined && isLocale(cookie)) return cookie
  for (const part of (acceptLanguage ?? '').split(',')) {
    const language = part.split(';')[0]?.trim().toLowerCase().split('-')[0] ?? ''
    if (isLocale(language)) return language
  }
  return 'en'
}
