import type { ComponentProps, ReactNode } from 'react'
import { Field } from './field.tsx'
import { Input } from './input.tsx'

type TextFieldProps = Omit<ComponentProps<'input'>, 'onChange' | 'value'> & {
  label: ReactNode
  hint?: ReactNode
  value: string
  onChange: (value: string) => void
}

export const TextField = ({ label, hint, onChange, ...input }: TextFieldProps) => (
  <Field label={label} hint={hint}>
    {(control) => (
      <Input {...control} {...input} onChange={(event) => onChange(event.target.value)} />
    )}
  </Field>
)
