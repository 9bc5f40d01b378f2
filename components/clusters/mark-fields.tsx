'use client'

import { useTranslations } from 'next-intl'
import { clusterColor as colors } from '../../contracts/cluster-definitions.ts'
import { clusterColor } from '../frame/cluster-color.ts'
import { cn } from '../ui/cn.ts'
import { Field } from '../ui/field.tsx'
import { Textarea } from '../ui/input.tsx'
import { Switch } from '../ui/switch.tsx'
import { TextField } from '../ui/text-field.tsx'
import type { FieldsProps } from './fields.tsx'

const ColorChoice = ({ draft, onChange }: Pick<FieldsProps, 'draft' | 'onChange'>) => {
  const t = useTranslations('clusters')
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-xs font-medium">{t('color')}</legend>
      <div className="flex flex-wrap gap-2">
        {[null, ...colors.options].map((color) => (
          <label
            key={color ?? 'auto'}
            className={cn(
              'flex h-7 cursor-pointer items-center gap-1.5 rounded-md border px-2 text-xs',
              'has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent',
              draft.color === color ? 'border-accent bg-accent-soft' : 'border-line',
            )}
          >
            <input
              type="radio"
              name="cluster-color"
              className="sr-only"
              checked={draft.color === color}
              onChange={() => onChange({ color })}
            />
            {color === null ? null : (
              <span
                aria-hidden
                className="size-2.5 rounded-xs"
                style={{ background: clusterColor('', color) }}
              />
            )}
            {t(`colors.${color ?? 'auto'}`)}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** What it is called and how its pages are marked, and where it is. */
export const MarkFields = ({ draft, onChange }: Pick<FieldsProps, 'draft' | 'onChange'>) => {
  const t = useTranslations('clusters')
  return (
    <>
      <TextField
        label={t('name')}
        required
        maxLength={60}
        autoComplete="off"
        value={draft.name}
        onChange={(name) => onChange({ name })}
      />
      <ColorChoice draft={draft} onChange={onChange} />
      <div className="flex flex-col gap-1">
        <Switch
          label={t('isProduction')}
          checked={draft.isProduction}
          onCheckedChange={(isProduction) => onChange({ isProduction })}
        />
        <p className="text-xs text-muted">{t('productionHint')}</p>
      </div>
      <Field label={t('bootstrap')} hint={t('bootstrapHint')}>
        {(control) => (
          <Textarea
            {...control}
            required
            value={draft.bootstrap}
            spellCheck={false}
            placeholder={'kafka-1.example:9092\nkafka-2.example:9092'}
            className="min-h-20 font-mono"
            onChange={(event) => onChange({ bootstrap: event.target.value })}
          />
        )}
      </Field>
    </>
  )
}
