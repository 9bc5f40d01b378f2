'use client'

import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { useAccount, useChangePassword, useSignOutEverywhere } from '../../hooks/use-account.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { Button } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { TextField } from '../ui/text-field.tsx'

const PasswordForm = () => {
  const t = useTranslations('account')
  const change = useChangePassword()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(
      { currentPassword: current, newPassword: next },
      {
        onSuccess: () => {
          setCurrent('')
          setNext('')
        },
      },
    )
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label={t('currentPassword')}
        type="password"
        autoComplete="current-password"
        required
        value={current}
        onChange={setCurrent}
      />
      <TextField
        label={t('newPassword')}
        hint={t('passwordHint')}
        type="password"
        autoComplete="new-password"
        minLength={10}
        required
        value={next}
        onChange={setNext}
      />
      <div aria-live="polite">
        {change.isSuccess ? <StateMark state="healthy">{t('changed')}</StateMark> : null}
        {change.error ? <ProblemNote error={change.error} /> : null}
      </div>
      <Button type="submit" variant="primary" className="self-start" disabled={change.isPending}>
        {t('changePassword')}
      </Button>
    </form>
  )
}

const SignOutEverywhere = () => {
  const t = useTranslations('account')
  const leave = useSignOutEverywhere()
  return (
    <div className="flex flex-col gap-3">
      <p className="text-muted">{t('everywhereText')}</p>
      {leave.error ? <ProblemNote error={leave.error} /> : null}
      <Button
        variant="dangerQuiet"
        className="self-start"
        disabled={leave.isPending}
        onClick={() => leave.mutate(null, { onSuccess: () => window.location.assign('/sign-in') })}
      >
        {t('everywhere')}
      </Button>
    </div>
  )
}

export const AccountPage = () => {
  const t = useTranslations('account')
  const me = useTranslations('me')
  const account = useAccount()
  const { data } = account
  return (
    <div className="max-w-180">
      <PageHeader
        title={t('title')}
        verdict={
          data ? (
            <span className="text-muted">
              {data.name ? `${data.name} · ` : ''}
              {data.email} · {me(data.role)}
            </span>
          ) : account.error ? null : (
            <Skeleton className="mt-1 h-4 w-60" />
          )
        }
      />
      <div className="flex flex-col gap-4">
        {account.error ? <ProblemNote error={account.error} /> : null}
        {data && data.id === null ? (
          <p className="text-muted">{t('token')}</p>
        ) : (
          <Panel title={t('password')} note={t('passwordNote')}>
            <PasswordForm />
          </Panel>
        )}
        <Panel title={t('sessions')}>
          <SignOutEverywhere />
        </Panel>
      </div>
    </div>
  )
}
