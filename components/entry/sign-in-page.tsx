'use client'

import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { useSignIn } from '../../hooks/use-account.ts'
import { Button } from '../ui/button.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { TextField } from '../ui/text-field.tsx'
import { EntryCard } from './entry-card.tsx'

/** Only a path of this console: a link must not carry its reader elsewhere after signing in. */
const safeNext = (): string => {
  const next = new URLSearchParams(window.location.search).get('next') ?? '/'
  return /^\/(?![/\\])/.test(next) ? next : '/'
}

export const SignInPage = () => {
  const t = useTranslations('signIn')
  const signIn = useSignIn()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate({ email, password }, { onSuccess: () => window.location.assign(safeNext()) })
  }
  const isBusy = signIn.isPending || signIn.isSuccess
  return (
    <EntryCard title={t('title')} intro={t('intro')}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label={t('email')}
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={setEmail}
        />
        <TextField
          label={t('password')}
          type="password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={setPassword}
        />
        {signIn.error ? (
          signIn.error.problem?.status === 401 ? (
            <p role="alert" className="text-sm text-crit">
              {t('wrong')}
            </p>
          ) : (
            <ProblemNote error={signIn.error} />
          )
        ) : null}
        <Button type="submit" variant="primary" size="lg" disabled={isBusy}>
          {isBusy ? t('busy') : t('submit')}
        </Button>
        <p className="text-xs text-muted">{t('noAccount')}</p>
      </form>
    </EntryCard>
  )
}
