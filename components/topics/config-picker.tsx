'use client'

import { Plus, X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { ConfigEntry } from '../../contracts/configs.ts'
import { Button } from '../ui/button.tsx'
import {
  Command,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from '../ui/command.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Popover, PopoverContent, PopoverTrigger } from '../ui/popover.tsx'
import { Select } from '../ui/select.tsx'

const BOOLEANS = [
  { value: 'true', label: 'true' },
  { value: 'false', label: 'false' },
]

type PickerProps = {
  known: readonly ConfigEntry[]
  values: Readonly<Record<string, string>>
  onChange: (values: Record<string, string>) => void
}

const AddConfig = ({ known, values, onChange }: PickerProps) => {
  const t = useTranslations('createTopic')
  const [isOpen, setIsOpen] = useState(false)
  const add = (entry: ConfigEntry) => {
    onChange({ ...values, [entry.name]: entry.value ?? entry.defaultValue ?? '' })
    setIsOpen(false)
  }
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button size="sm" className="self-start">
          <Plus aria-hidden />
          {t('addConfig')}
        </Button>
      </PopoverTrigger>
      <PopoverContent align="start" className="w-[min(460px,calc(100vw-32px))] p-0">
        <Command label={t('addConfig')}>
          <CommandInput placeholder={t('searchConfig')} className="h-9 text-sm" />
          <CommandList label={t('addConfig')} className="max-h-80">
            <CommandEmpty>{t('noConfig')}</CommandEmpty>
            <CommandGroup>
              {known
                .filter((entry) => values[entry.name] === undefined)
                .map((entry) => (
                  <CommandItem
                    key={entry.name}
                    value={entry.name}
                    onSelect={() => add(entry)}
                    className="h-auto flex-col items-start gap-0 py-1.5"
                  >
                    <span className="flex w-full justify-between gap-3 font-mono">
                      {entry.name}
                      <span className="truncate text-muted">{entry.value ?? ''}</span>
                    </span>
                    {entry.documentation ? (
                      <span className="line-clamp-2 text-xs text-muted">{entry.documentation}</span>
                    ) : null}
                  </CommandItem>
                ))}
            </CommandGroup>
          </CommandList>
        </Command>
      </PopoverContent>
    </Popover>
  )
}

/** Any config the cluster knows, one line each, with what it would be otherwise. */
export const ConfigPicker = (props: PickerProps) => {
  const t = useTranslations('createTopic')
  const { known, values, onChange } = props
  const byName = new Map(known.map((entry) => [entry.name, entry]))
  const without = (name: string) =>
    Object.fromEntries(Object.entries(values).filter(([key]) => key !== name))
  return (
    <div className="flex flex-col gap-3">
      {Object.entries(values).map(([name, value]) => {
        const entry = byName.get(name)
        return (
          <div key={name} className="flex items-start gap-2">
            <Field
              className="flex-1"
              label={<span className="font-mono">{name}</span>}
              hint={
                entry
                  ? t('default', { value: entry.value ?? entry.defaultValue ?? '–' })
                  : undefined
              }
            >
              {(control) =>
                entry?.type === 'boolean' ? (
                  <Select
                    {...control}
                    value={value}
                    options={BOOLEANS}
                    onValueChange={(next) => onChange({ ...values, [name]: next })}
                  />
                ) : (
                  <Input
                    {...control}
                    className="font-mono"
                    value={value}
                    onChange={(event) => onChange({ ...values, [name]: event.target.value })}
                  />
                )
              }
            </Field>
            <Button
              variant="ghost"
              size="icon"
              className="mt-5"
              aria-label={t('removeConfig', { name })}
              onClick={() => onChange(without(name))}
            >
              <X aria-hidden />
            </Button>
          </div>
        )
      })}
      <AddConfig {...props} />
    </div>
  )
}
