'use client'

import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { SecretName } from '../../contracts/cluster-definitions.ts'
import { Field } from '../ui/field.tsx'
import { Input, Textarea } from '../ui/input.tsx'
import type { Draft } from './draft.ts'

export type FieldsProps = {
  draft: Draft
  onChange: (changes: Partial<Draft>) => void
  /** Secrets that are stored: their fields say so and may stay empty. */
  secretsSet: readonly SecretName[]
}

export const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset className="flex min-w-0 flex-col gap-3 border-t border-line pt-3">
    <legend className="float-left mb-1 w-full text-sm font-semibold">{title}</legend>
    {children}
  </fieldset>
)

type SecretProps = Pick<FieldsProps, 'draft' | 'onChange' | 'secretsSet'> & {
  name: SecretName
  label: string
  hint?: string
  /** PEM and the like. */
  isLong?: boolean
}

/** Written, never read: what is stored is replaced or stays, and is not shown to anybody. */
export const SecretField = (props: SecretProps) => {
  const { name, draft, onChange, hint } = props
  const t = useTranslations('clusters')
  const isSet = props.secretsSet.includes(name)
  const shared = {
    value: draft.secrets[name],
    autoComplete: 'new-password',
    spellCheck: false,
    placeholder: isSet ? t('secretSet') : '',
  }
  const change = (text: string) => onChange({ secrets: { ...draft.secrets, [name]: text } })
  return (
    <Field label={props.label} hint={isSet ? t('secretKept') : hint}>
      {(control) =>
        props.isLong ? (
          <Textarea
            {...control}
            {...shared}
            className="min-h-16 font-mono text-xs"
            onChange={(event) => change(event.target.value)}
          />
        ) : (
          <Input
            {...control}
            {...shared}
            type="password"
            onChange={(event) => change(event.target.value)}
          />
        )
      }
    </Field>
  )
}

/** A PEM text, which may also be dropped in from a file by pasting. */
export const PemField = (props: {
  label: string
  hint: string
  value: string
  onChange: (text: string) => void
}) => (
  <Field label={props.label} hint={props.hint}>
    {(control) => (
      <Textarea
        {...control}
        value={props.value}
        spellCheck={false}
        placeholder="-----BEGIN CERTIFICATE-----"
        className="min-h-16 font-mono text-xs"
        onChange={(event) => props.onChange(event.target.value)}
      />
    )}
  </Field>
)
