'use client'

import { useTranslations } from 'next-intl'
import { Field } from '../ui/field.tsx'
import { Textarea } from '../ui/input.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Select } from '../ui/select.tsx'
import { Switch } from '../ui/switch.tsx'
import { TextField } from '../ui/text-field.tsx'
import type { SaslChoice } from './draft.ts'
import { type FieldsProps, PemField, SecretField, Section } from './fields.tsx'

const MECHANISMS = ['none', 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const

const TlsFields = (props: FieldsProps) => {
  const { draft, onChange } = props
  const t = useTranslations('clusters')
  return (
    <>
      <PemField
        label={t('ca')}
        hint={t('caHint')}
        value={draft.ca}
        onChange={(ca) => onChange({ ca })}
      />
      <Field label={t('verify')} hint={t(`verifyHint.${draft.verify}`)}>
        {(control) => (
          <Select
            {...control}
            value={draft.verify}
            onValueChange={(value) => onChange({ verify: value === 'chain' ? 'chain' : 'full' })}
            options={(['full', 'chain'] as const).map((value) => ({
              value,
              label: t(`verifyAs.${value}`),
            }))}
          />
        )}
      </Field>
      {draft.verify === 'full' ? (
        <TextField
          label={t('serverName')}
          hint={t('serverNameHint')}
          autoComplete="off"
          value={draft.serverName}
          onChange={(serverName) => onChange({ serverName })}
        />
      ) : null}
      <PemField
        label={t('certificate')}
        hint={t('certificateHint')}
        value={draft.certificate}
        onChange={(certificate) => onChange({ certificate })}
      />
      {draft.certificate.trim() === '' ? null : (
        <>
          <SecretField {...props} name="tlsKey" label={t('tlsKey')} hint={t('tlsKeyHint')} isLong />
          <SecretField
            {...props}
            name="tlsKeyPassphrase"
            label={t('tlsKeyPassphrase')}
            hint={t('tlsKeyPassphraseHint')}
          />
        </>
      )}
    </>
  )
}

const OauthFields = (props: FieldsProps) => {
  const { draft, onChange } = props
  const t = useTranslations('clusters')
  return (
    <>
      <Segmented
        aria-label={t('tokenFrom')}
        value={draft.tokenFrom}
        onValueChange={(tokenFrom) => onChange({ tokenFrom })}
        options={(['client', 'given'] as const).map((value) => ({
          value,
          label: t(`tokenBy.${value}`),
        }))}
        className="self-start"
      />
      {draft.tokenFrom === 'given' ? (
        <SecretField {...props} name="token" label={t('token')} hint={t('tokenHint')} isLong />
      ) : (
        <>
          <TextField
            label={t('tokenUrl')}
            type="url"
            required
            value={draft.tokenUrl}
            placeholder="https://sso.example/oauth2/token"
            onChange={(tokenUrl) => onChange({ tokenUrl })}
          />
          <TextField
            label={t('clientId')}
            required
            autoComplete="off"
            value={draft.clientId}
            onChange={(clientId) => onChange({ clientId })}
          />
          <SecretField {...props} name="clientSecret" label={t('clientSecret')} />
          <TextField
            label={t('scope')}
            autoComplete="off"
            value={draft.scope}
            onChange={(scope) => onChange({ scope })}
          />
        </>
      )}
      <Field label={t('extensions')} hint={t('extensionsHint')}>
        {(control) => (
          <Textarea
            {...control}
            value={draft.extensions}
            spellCheck={false}
            className="min-h-10 font-mono text-xs"
            onChange={(event) => onChange({ extensions: event.target.value })}
          />
        )}
      </Field>
    </>
  )
}

/** TLS, and who Eyrie says it is. */
export const SecurityFields = (props: FieldsProps) => {
  const { draft, onChange } = props
  const t = useTranslations('clusters')
  const isPassword = draft.sasl !== 'none' && draft.sasl !== 'OAUTHBEARER'
  return (
    <>
      <Section title={t('tls')}>
        <Switch
          label={t('isTls')}
          checked={draft.isTls}
          onCheckedChange={(isTls) => onChange({ isTls })}
        />
        {draft.isTls ? <TlsFields {...props} /> : null}
      </Section>
      <Section title={t('sasl')}>
        <Field label={t('mechanism')}>
          {(control) => (
            <Select
              {...control}
              value={draft.sasl}
              onValueChange={(value) =>
                onChange({ sasl: MECHANISMS.find((one) => one === value) ?? 'none' })
              }
              options={MECHANISMS.map((value: SaslChoice) => ({
                value,
                label: value === 'none' ? t('noSasl') : value,
              }))}
            />
          )}
        </Field>
        {isPassword ? (
          <>
            <TextField
              label={t('username')}
              required
              autoComplete="off"
              value={draft.username}
              onChange={(username) => onChange({ username })}
            />
            <SecretField {...props} name="password" label={t('password')} />
          </>
        ) : null}
        {draft.sasl === 'OAUTHBEARER' ? <OauthFields {...props} /> : null}
        {isPassword && !draft.isTls ? (
          <p className="text-xs text-warn">{t('plainPassword')}</p>
        ) : null}
      </Section>
    </>
  )
}
