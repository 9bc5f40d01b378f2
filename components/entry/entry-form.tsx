'use client'

import { type ReactNode, useSyncExternalStore } from 'react'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'

type EntryFormProps = {
  words: { email: string; password: string; passwordHint?: string; submit: string; busy: string }
  /** A new one has rules; the present one is what it is. */
  password: 'new' | 'current'
  isBusy: boolean
  /** Between e-mail address and password. */
  between?: ReactNode
  children?: ReactNode
  footer?: ReactNode
  onSubmit: (values: { email: string; password: string }) => void
}

const never = () => () => undefined

/** False until the page's scripts run: a button pressed before would send the password in the address. */
const useIsAlive = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  )

const textOf = (form: FormData, name: string): string => String(form.get(name) ?? '')

/**
 * E-mail address and password, as browsers and password managers know them: what these put in before the page's
 * scripts run counts, so the fields keep it themselves.
 */
export const EntryForm = (props: EntryFormProps) => {
  const { words, isBusy } = props
  const isAlive = useIsAlive()
  const isNew = props.password === 'new'
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const form = new FormData(event.currentTarget)
        props.onSubmit({ email: textOf(form, 'email'), password: textOf(form, 'password') })
      }}
      className="flex flex-col gap-3"
    >
      <Field label={words.email}>
        {(control) => (
          <Input {...control} type="email" name="email" autoComplete="username" required />
        )}
      </Field>
      {props.between}
      <Field label={words.password} hint={words.passwordHint}>
        {(control) => (
          <Input
            {...control}
            type="password"
            name="password"
            autoComplete={`${props.password}-password`}
            minLength={isNew ? 10 : undefined}
            required
          />
        )}
      </Field>
      {props.children}
      <Button type="submit" variant="primary" size="lg" disabled={isBusy || !isAlive}>
        {isBusy ? words.busy : words.submit}
      </Button>
      {props.footer}
    </form>
  )
}
