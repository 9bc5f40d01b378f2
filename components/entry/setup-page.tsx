'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useCompleteSetup, useSetup } from '../../hooks/use-account.ts'
import { Button } from '../ui/button.tsx'
import { LabelledCheckbox } from '../ui/checkbox.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { TextField } from '../ui/text-field.tsx'
import { EntryCard } from './entry-card.tsx'
import { EntryForm } from './entry-form.tsx'

const SetupForm = ({ token }: { token: string }) => {
  const t = useTranslations('setup')
  const setup = useCompleteSetup()
  const [name, setName] = useState('')
  const [startSampleTraffic, setStartSampleTraffic] = useState(true)
  return (
    <EntryForm
      words={{
        email: t('email'),
        password: t('password'),
        passwordHint: t('passwordHint'),
        submit: t('submit'),
        busy: t('busy'),
      }}
      password="new"
      isBusy={setup.isPending || setup.isSuccess}
      between={
        <TextField
          label={t('name')}
          name="name"
          autoComplete="name"
          value={name}
          onChange={setName}
        />
      }
      onSubmit={(values) =>
        setup.mutate(
          { token, name, startSampleTraffic, ...values },
          { onSuccess: () => window.location.assign('/') },
        )
      }
    >
      <div className="rounded-md border border-line p-2.5">
        <LabelledCheckbox
          checked={startSampleTraffic}
          onCheckedChange={(checked) => setStartSampleTraffic(checked === true)}
          label={t('sample')}
        />
        <p className="mt-1 pl-6 text-xs text-muted">{t('sampleHint')}</p>
      </div>
      {setup.error ? <ProblemNote error={setup.error} /> : null}
    </EntryForm>
  )
}

export const SetupPage = ({ token }: { token: string }) => {
  const t = useTranslations('setup')
  const state = useSetup(token)
  const body = () => {
    if (state.error) return <ProblemNote error={state.error} onRetry={() => state.refetch()} />
    if (!state.data) return <Skeleton className="h-40 w-full" />
    if (!state.data.isNeeded) {
      return (
        <div className="flex flex-col items-start gap-3">
          <p>{t('notNeeded')}</p>
          <Button asChild variant="primary">
            <Link href="/sign-in">{t('toSignIn')}</Link>
          </Button>
        </div>
      )
    }
    if (!state.data.isTokenValid) return <p role="alert">{t('badLink')}</p>
    return <SetupForm token={token} />
  }
  return (
    // What the link would do is of no use to a reader for whom it does nothing.
    <EntryCard
      title={t('title')}
      intro={state.data && !(state.data.isNeeded && state.data.isTokenValid) ? null : t('intro')}
    >
      {body()}
    </EntryCard>
  )
}
