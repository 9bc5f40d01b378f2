'use client'

import { useTranslations } from 'next-intl'
import { useSignIn } from '../../hooks/use-account.ts'
import { ProblemNote } from '../ui/problem-note.tsx'
import { EntryCard } from './entry-card.tsx'
import { EntryForm } from './entry-form.tsx'

/** Only a path of this console: a link must not carry its reader elsewhere after signing in. */
const safeNext = (): string => {
  const next = new URLSearchParams(window.location.search).get('next') ?? '/'
  return /^\/(?![/\\])/.test(next) ? next : '/'
}

export const SignInPage = () => {
  const t = useTranslations('signIn')
  const signIn = useSignIn()
  return (
    <EntryCard title={t('title')} intro={t('intro')}>
      <EntryForm
        words={{
          email: t('email'),
          password: t('password'),
          submit: t('submit'),
          busy: t('busy'),
        }}
        password="current"
        isBusy={signIn.isPending || signIn.isSuccess}
        footer={<p className="text-xs text-muted">{t('noAccount')}</p>}
        onSubmit={(values) =>
          signIn.mutate(values, { onSuccess: () => window.location.assign(safeNext()) })
        }
      >
        {signIn.error ? (
          signIn.error.problem?.status === 401 ? (
            <p role="alert" className="text-sm text-crit">
              {t('wrong')}
            </p>
          ) : (
            <ProblemNote error={signIn.error} />
          )
        ) : null}
      </EntryForm>
    </EntryCard>
  )
}
