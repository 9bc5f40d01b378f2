'use client'

import { useTranslations } from 'next-intl'
import { Field } from './field.tsx'
import { Input } from './input.tsx'

/** What cannot be undone is confirmed by typing what it is done to. */
export const ConfirmTyping = (props: {
  expected: string
  value: string
  onChange: (value: string) => void
}) => {
  const t = useTranslations('confirm')
  return (
    <Field
      label={t.rich('type', {
        name: props.expected,
        code: (text) => (
          <code className="font-mono font-semibold break-all select-all">{text}</code>
        ),
      })}
    >
      {(control) => (
        <Input
          {...control}
          value={props.value}
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
          onChange={(event) => props.onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
