'use client'

import { useTranslations } from 'next-intl'
import { type FormEvent, useId, useState } from 'react'
import { type Role, role } from '../../contracts/users.ts'
import { useCreateUser } from '../../hooks/use-users.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Select } from '../ui/select.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { TextField } from '../ui/text-field.tsx'
import { toast } from '../ui/toaster.tsx'

type Draft = { email: string; name: string; password: string; role: Role }

const UserFields = (props: { draft: Draft; onChange: (draft: Draft) => void }) => {
  const t = useTranslations('users')
  const me = useTranslations('me')
  const { draft, onChange } = props
  return (
    <>
      <TextField
        label={t('email')}
        type="email"
        autoComplete="off"
        required
        value={draft.email}
        onChange={(value) => onChange({ ...draft, email: value })}
      />
      <TextField
        label={t('nameOptional')}
        autoComplete="off"
        value={draft.name}
        onChange={(value) => onChange({ ...draft, name: value })}
      />
      <Field label={t('role')} hint={t(`roleHint.${draft.role}`)}>
        {(control) => (
          <Select
            {...control}
            value={draft.role}
            onValueChange={(value) => onChange({ ...draft, role: role.parse(value) })}
            options={role.options.map((one) => ({ value: one, label: me(one) }))}
          />
        )}
      </Field>
      <TextField
        label={t('firstPassword')}
        hint={t('passwordHint')}
        type="password"
        autoComplete="new-password"
        minLength={10}
        required
        value={draft.password}
        onChange={(value) => onChange({ ...draft, password: value })}
      />
    </>
  )
}

export const AddUserSheet = ({ onClose }: { onClose: () => void }) => {
  const t = useTranslations('users')
  const common = useTranslations('common')
  const formId = useId()
  const [draft, setDraft] = useState<Draft>({
    email: '',
    name: '',
    password: '',
    role: 'viewer',
  })
  const create = useCreateUser()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(draft, {
      onSuccess: (user) => {
        toast.success(t('added', { email: user.email }))
        onClose()
      },
    })
  }
  return (
    <Sheet
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('add')}
      footer={
        <>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button type="submit" form={formId} variant="primary" disabled={create.isPending}>
            {t('add')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-3">
        <UserFields draft={draft} onChange={setDraft} />
        {create.error ? <ProblemNote error={create.error} /> : null}
      </form>
    </Sheet>
  )
}
