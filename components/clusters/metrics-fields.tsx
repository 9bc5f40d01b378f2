'use client'

import { useTranslations } from 'next-intl'
import { Field } from '../ui/field.tsx'
import { Select } from '../ui/select.tsx'
import { TextField } from '../ui/text-field.tsx'
import type { MetricsChoice } from './draft.ts'
import { type FieldsProps, SecretField, Section } from './fields.tsx'

const KINDS = ['none', 'jolokia', 'prometheus'] as const
const EXAMPLES: Readonly<Record<MetricsChoice, string>> = {
  none: '',
  jolokia: 'http://{host}:8778/jolokia/',
  prometheus: 'http://{host}:7071/metrics',
}

/** Where the figures come from that the protocol does not carry. */
export const MetricsFields = (props: FieldsProps) => {
  const { draft, onChange } = props
  const t = useTranslations('clusters')
  const choose = (metrics: MetricsChoice) => {
    const isExample = Object.values(EXAMPLES).includes(draft.metricsUrl)
    onChange({ metrics, ...(isExample && { metricsUrl: EXAMPLES[metrics] }) })
  }
  return (
    <Section title={t('metrics')}>
      <Field label={t('metricsFrom')} hint={t(`metricsHint.${draft.metrics}`)}>
        {(control) => (
          <Select
            {...control}
            value={draft.metrics}
            onValueChange={(value) => choose(KINDS.find((one) => one === value) ?? 'none')}
            options={KINDS.map((value) => ({ value, label: t(`metricsKind.${value}`) }))}
          />
        )}
      </Field>
      {draft.metrics === 'none' ? null : (
        <>
          <TextField
            label={t('metricsUrl')}
            hint={t('metricsUrlHint')}
            required
            spellCheck={false}
            className="font-mono"
            value={draft.metricsUrl}
            onChange={(metricsUrl) => onChange({ metricsUrl })}
          />
          <TextField
            label={t('metricsUsername')}
            autoComplete="off"
            value={draft.metricsUsername}
            onChange={(metricsUsername) => onChange({ metricsUsername })}
          />
          {draft.metricsUsername === '' ? null : (
            <SecretField {...props} name="metricsPassword" label={t('metricsPassword')} />
          )}
        </>
      )}
    </Section>
  )
}
