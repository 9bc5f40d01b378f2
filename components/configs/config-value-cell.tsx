'use client'

import { Lock, Pencil, RotateCcw, Undo2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ConfigEntry } from '../../contracts/configs.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copyable-id.tsx'
import { Input } from '../ui/input.tsx'
import { Select } from '../ui/select.tsx'
import { type ConfigEdit, isUnlimited, readableValue } from './edits.ts'

const BOOLEANS = [
  { value: 'true', label: 'true' },
  { value: 'false', label: 'false' },
]

const ShownValue = ({ entry }: { entry: ConfigEntry }) => {
  const t = useTranslations('config')
  if (entry.isSensitive) return <span className="text-muted">{t('sensitive')}</span>
  if (entry.value === null) return <span className="text-muted">{t('unset')}</span>
  const readable = isUnlimited(entry.value)
    ? t('unlimited')
    : readableValue(entry.name, entry.value)
  return (
    <span className="group/value inline-flex max-w-full items-center gap-1">
      <span className="font-mono break-all">
        {entry.value === '' ? <span className="text-muted">{t('emptyValue')}</span> : entry.value}
      </span>
      {readable ? <span className="whitespace-nowrap text-muted">= {readable}</span> : null}
      <CopyButton
        text={entry.value}
        className="opacity-0 group-hover/value:opacity-100 focus-visible:opacity-100"
      />
    </span>
  )
}

const EditedValue = (props: {
  entry: ConfigEntry
  edit: ConfigEdit
  onEdit: (edit: ConfigEdit | null) => void
}) => {
  const t = useTranslations('config')
  const { entry, edit, onEdit } = props
  const label = t('newValue', { name: entry.name })
  return (
    <span className="flex w-full min-w-0 items-center gap-1">
      {edit.kind === 'reset' ? (
        <span className="flex-1 text-warn">
          {t('willReset', { value: entry.defaultValue ?? t('unset') })}
        </span>
      ) : entry.type === 'boolean' ? (
        <Select
          aria-label={label}
          className="h-7 flex-1"
          value={edit.value}
          options={BOOLEANS}
          onValueChange={(value) => onEdit({ kind: 'set', value })}
        />
      ) : (
        <Input
          autoFocus
          aria-label={label}
          className="h-7 flex-1 font-mono"
          value={edit.value}
          onChange={(event) => onEdit({ kind: 'set', value: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onEdit(null)
          }}
        />
      )}
      <Button
        variant="ghost"
        size="iconSm"
        aria-label={t('undo', { name: entry.name })}
        onClick={() => onEdit(null)}
      >
        <Undo2 aria-hidden />
      </Button>
    </span>
  )
}

type CellProps = {
  entry: ConfigEntry
  edit: ConfigEdit | undefined
  canEdit: boolean
  canReset: boolean
  readOnlyReason: string | null
  onEdit: (edit: ConfigEdit | null) => void
}

export const ConfigValueCell = (props: CellProps) => {
  const t = useTranslations('config')
  const { entry, edit, onEdit } = props
  if (edit) return <EditedValue entry={entry} edit={edit} onEdit={onEdit} />
  return (
    <span className="flex items-center justify-between gap-2">
      <ShownValue entry={entry} />
      {props.readOnlyReason ? (
        <span className="text-muted" title={props.readOnlyReason}>
          <Lock aria-hidden className="size-3.5" />
          <span className="sr-only">{props.readOnlyReason}</span>
        </span>
      ) : props.canEdit ? (
        <span className="flex shrink-0">
          {props.canReset ? (
            <Button
              variant="ghost"
              size="iconSm"
              aria-label={t('reset', { name: entry.name })}
              title={t('resetShort')}
              onClick={() => onEdit({ kind: 'reset' })}
            >
              <RotateCcw aria-hidden />
            </Button>
          ) : null}
          <Button
            variant="ghost"
            size="iconSm"
            aria-label={t('edit', { name: entry.name })}
            title={t('editShort')}
            onClick={() => onEdit({ kind: 'set', value: entry.value ?? '' })}
          >
            <Pencil aria-hidden />
          </Button>
        </span>
      ) : null}
    </span>
  )
}
