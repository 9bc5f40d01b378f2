import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './globals.css'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { AppProviders } from '../components/frame/app-providers.tsx'
import { htmlLang } from '../i18n/locale.ts'
import { messagesOf } from '../i18n/messages.ts'
import { readRequestPreferences } from '../i18n/request-preferences.ts'

export const metadata: Metadata = {
  title: { default: 'Eyrie', template: '%s · Eyrie' },
  icons: { icon: '/icon.svg' },
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  colorScheme: 'light dark',
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const preferences = await readRequestPreferences()
  const themeClass = preferences.theme === 'system' ? undefined : preferences.theme
  return (
    <html lang={htmlLang[preferences.locale]} className={themeClass}>
      <body>
        <AppProviders preferences={preferences} messages={messagesOf(preferences.locale)}>
          {children}
        </AppProviders>
      </body>
    </html>
  )
}
