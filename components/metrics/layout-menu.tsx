'use client'

import { LayoutGrid, Trash2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import type { LayoutContent, LayoutItem } from '../../contracts/charts.ts'
import { useAccount } from '../../hooks/use-account.ts'
import { useDeleteLayout, useLayouts, useSaveLayout } from '../../hooks/use-charts.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Popover, PopoverContent, PopoverTrigger } from '../ui/popover.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { toast } from '../ui/toaster.tsx'

type LayoutMenuProps = {
  cluster: string
  /** Of the address, whoever saved it. */
  current: LayoutItem | undefined
  /** What would be saved; null while all charts are shown. */
  content: LayoutContent | null
  /** Empty: all charts. */
  onOpen: (layout: string) => void
}

const SaveForm = (props: LayoutMenuProps & { content: LayoutContent; onDone: () => void }) => {
  const t = useTranslations('metrics')
  const [name, setName] = useState(props.current?.isOwn ? props.current.name : '')
  const save = useSaveLayout(props.cluster)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const saved = await save.mutateAsync({ name, content: props.content })
    toast.success(t('saved', { name: saved.name }))
    props.onOpen(saved.id)
    props.onDone()
  }
  return (
    <form
      // The mutation's own error is shown below.
      onSubmit={(event) => void submit(event).catch(() => undefined)}
      className="flex flex-col gap-2 border-t border-line pt-2"
    >
      <Field label={t('layoutName')}>
        {(control) => (
          <Input
            {...control}
            required
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      {save.error ? <ProblemNote error={save.error} /> : null}
      <Button type="submit" size="sm" variant="primary" disabled={save.isPending}>
        {t('save')}
      </Button>
    </form>
  )
}

const OwnLayouts = (props: LayoutMenuProps & { onDone: () => void }) => {
  const t = useTranslations('metrics')
  const layouts = useLayouts(props.cluster)
  const remove = useDeleteLayout(props.cluster)
  const open = (layout: string) => {
    props.onOpen(layout)
    props.onDone()
  }
  return (
    <ul className="flex flex-col gap-px">
      <li>
        <Button variant="ghost" size="sm" className="w-full justify-start" onClick={() => open('')}>
          {t('allCharts')}
        </Button>
      </li>
      {(layouts.data?.items ?? []).map((one) => (
        <li key={one.id} className="flex items-center">
          <Button
            variant="ghost"
            size="sm"
            aria-pressed={one.id === props.current?.id}
            className="min-w-0 flex-1 justify-start"
            onClick={() => open(one.id)}
          >
            <span className="truncate">{one.name}</span>
          </Button>
          <Button
            variant="ghost"
            size="iconSm"
            aria-label={t('deleteLayout', { name: one.name })}
            onClick={() => remove.mutate(one.id)}
          >
            <Trash2 aria-hidden />
          </Button>
        </li>
      ))}
    </ul>
  )
}

/** Layouts that were saved, and saving the one that is shown; the API token has none of its own. */
export const LayoutMenu = (props: LayoutMenuProps) => {
  const t = useTranslations('metrics')
  const [isOpen, setIsOpen] = useState(false)
  const hasAccount = Boolean(useAccount().data?.id)
  const { content, current } = props
  const close = () => setIsOpen(false)
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button>
          <LayoutGrid aria-hidden />
          <span className="max-w-48 truncate">{current?.name ?? t('layout')}</span>
        </Button>
      </PopoverTrigger>
      <PopoverContent className="flex w-72 flex-col gap-2" aria-label={t('layout')}>
        <OwnLayouts {...props} onDone={close} />
        {content !== null && hasAccount ? (
          <SaveForm {...props} content={content} onDone={close} />
        ) : null}
      </PopoverContent>
    </Popover>
  )
}
