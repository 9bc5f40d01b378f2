'use client'

import { useTranslations } from 'next-intl'
import { type FormEvent, useId, useState } from 'react'
import { useAddPartitions } from '../../hooks/use-topics.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { StateMark } from '../ui/state-mark.tsx'

type AddProps = {
  cluster: string
  topic: string
  partitions: number
  replicationFactor: number
  onClose: () => void
}

export const AddPartitionsSheet = (props: AddProps) => {
  const { cluster, topic, onClose } = props
  const t = useTranslations('addPartitions')
  const common = useTranslations('common')
  const formId = useId()
  const [before] = useState(props.partitions)
  const [text, setText] = useState(String(before + 1))
  const add = useAddPartitions(cluster, topic)
  const count = Number(text)
  const isValid = Number.isInteger(count) && count > before
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isValid) add.mutate(count)
  }
  return (
    <Sheet
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('title')}
      description={topic}
      footer={
        add.isSuccess ? (
          <Button variant="primary" onClick={onClose}>
            {common('done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{common('cancel')}</Button>
            <Button
              type="submit"
              form={formId}
              variant="primary"
              disabled={!isValid || add.isPending}
            >
              {add.isPending ? t('busy') : t('do', { count: isValid ? count - before : 0 })}
            </Button>
          </>
        )
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        {add.isSuccess ? (
          <p role="status">
            <StateMark state="healthy">{t('done', { count: add.data.count })}</StateMark>
          </p>
        ) : (
          <>
            <Field
              label={t('count')}
              hint={t('now', { count: before })}
              error={isValid ? undefined : t('mustGrow', { count: before })}
            >
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={before + 1}
                  max={100_000}
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                />
              )}
            </Field>
            {isValid ? (
              <p className="rounded-md border border-line bg-raised px-3 py-2">
                {t('preview', {
                  before,
                  after: count,
                  replicas: (count - before) * props.replicationFactor,
                })}
              </p>
            ) : null}
            <StateMark state="attention">{t('keysMove')}</StateMark>
            {add.error ? <ProblemNote error={add.error} /> : null}
          </>
        )}
      </form>
    </Sheet>
  )
}
