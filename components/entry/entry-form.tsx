'use client'

import { type ReactNode, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/text-field.tsx'

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

/** E-mail address and password, as browsers and password managers know them. */
export const EntryForm = (props: EntryFormProps) => {
  const { words, isBusy } = props
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const isNew = props.password === 'new'
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        props.onSubmit({ email, password })
      }}
      className="flex flex-col gap-3"
    >
      <TextField
        label={words.email}
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        onChange={setEmail}
      />
      {props.between}
      <TextField
        label={words.password}
        hint={words.passwordHint}
        type="password"
        name="password"
        autoComplete={`${props.password}-password`}
        minLength={isNew ? 10 : undefined}
        required
        value={password}
        onChange={setPassword}
      />
      {props.children}
      <Button type="submit" variant="primary" size="lg" disabled={isBusy}>
        {isBusy ? words.busy : words.submit}
      </Button>
      {props.footer}
    </form>
  )
}
