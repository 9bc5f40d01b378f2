'use client'

import { Languages, LogOut, Moon, RefreshCw, Sun, SunMoon, User } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useAccount, useSignOut } from '../../hooks/use-account.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { usePreferences } from '../../hooks/use-preferences.tsx'
import { REFRESH_CHOICES, useRefresh } from '../../hooks/use-refresh.ts'
import { type Locale, THEMES, type Theme } from '../../i18n/locale.ts'
import { Button } from '../ui/button.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'

const REFRESH_SHORT = { '5s': '5 s', '10s': '10 s', '30s': '30 s', '1m': '1 min' } as const

export const RefreshMenu = () => {
  const t = useTranslations('refresh')
  const { choice, setChoice } = useRefresh()
  const label = (one: (typeof REFRESH_CHOICES)[number]) =>
    one === 'off' ? t('off') : REFRESH_SHORT[one]
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button
          variant="ghost"
          className="px-2 max-sm:hidden"
          aria-label={`${t('label')}: ${label(choice)}`}
        >
          <RefreshCw aria-hidden />
          <span className="tabular">{label(choice)}</span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>{t('label')}</DropdownMenuLabel>
        <DropdownMenuRadioGroup value={choice}>
          {REFRESH_CHOICES.map((one) => (
            <DropdownMenuRadioItem key={one} value={one} onSelect={() => setChoice(one)}>
              {label(one)}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

/** Each language named in itself, so that whoever cannot read the present one finds theirs. */
export const LanguageButton = ({ className }: { className?: string }) => {
  const { locale, setLocale } = usePreferences()
  const other: Locale = locale === 'en' ? 'zh' : 'en'
  return (
    <Button
      variant="ghost"
      className={className}
      onClick={() => setLocale(other)}
      aria-label={other === 'zh' ? '中文 (Chinese)' : 'EN (English)'}
    >
      <Languages aria-hidden />
      <span lang={other === 'zh' ? 'zh-Hans' : 'en'}>{other === 'zh' ? '中文' : 'EN'}</span>
    </Button>
  )
}

const themeIcon: Record<Theme, typeof Sun> = { system: SunMoon, light: Sun, dark: Moon }

export const ThemeMenu = ({ className }: { className?: string }) => {
  const t = useTranslations('theme')
  const { theme, setTheme } = usePreferences()
  const Icon = themeIcon[theme]
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button
          variant="ghost"
          size="icon"
          className={className}
          aria-label={`${t('label')}: ${t(theme)}`}
        >
          <Icon aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuRadioGroup value={theme}>
          {THEMES.map((one) => (
            <DropdownMenuRadioItem key={one} value={one} onSelect={() => setTheme(one)}>
              {t(one)}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

const PhoneChoices = () => {
  const t = useTranslations('theme')
  const { locale, setLocale, theme, setTheme } = usePreferences()
  return (
    <div className="sm:hidden">
      <DropdownMenuSeparator />
      <DropdownMenuRadioGroup value={locale}>
        <DropdownMenuRadioItem value="en" onSelect={() => setLocale('en')}>
          English
        </DropdownMenuRadioItem>
        <DropdownMenuRadioItem value="zh" onSelect={() => setLocale('zh')}>
          中文
        </DropdownMenuRadioItem>
      </DropdownMenuRadioGroup>
      <DropdownMenuSeparator />
      <DropdownMenuRadioGroup value={theme}>
        {THEMES.map((one) => (
          <DropdownMenuRadioItem key={one} value={one} onSelect={() => setTheme(one)}>
            {t(one)}
          </DropdownMenuRadioItem>
        ))}
      </DropdownMenuRadioGroup>
    </div>
  )
}

export const MeMenu = () => {
  const t = useTranslations('me')
  const links = useConsoleLinks()
  const account = useAccount()
  const signOut = useSignOut()
  const leave = () => {
    signOut.mutate(null, {
      onSuccess: () => {
        signOut.clearCache()
        window.location.assign('/sign-in')
      },
    })
  }
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t('label')}>
          <User aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {account.data ? (
          <div className="px-2 py-1">
            <p className="text-sm font-medium">{account.data.name || account.data.email}</p>
            <p className="text-xs text-muted">
              {account.data.email} · {t(account.data.role)}
            </p>
          </div>
        ) : null}
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <Link href={links.account()}>
            <User aria-hidden />
            {t('account')}
          </Link>
        </DropdownMenuItem>
        <PhoneChoices />
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={leave}>
          <LogOut aria-hidden />
          {t('signOut')}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
