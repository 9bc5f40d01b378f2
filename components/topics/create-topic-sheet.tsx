'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import { type FormEvent, useId, useState } from 'react'
import { useBrokers } from '../../hooks/use-brokers.ts'
import { useTopicConfigDefaults } from '../../hooks/use-configs.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useCreateTopic } from '../../hooks/use-topics.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { ConfigPicker } from './config-picker.tsx'
import { topicNameProblem } from './topic-name.ts'

type Draft = {
  name: string
  partitions: string
  replicationFactor: string
  configs: Record<string, string>
}

const EMPTY: Draft = { name: '', partitions: '', replicationFactor: '', configs: {} }

const countOf = (text: string): number | null => (text.trim() === '' ? null : Number(text))

const DraftFields = (props: {
  cluster: string
  draft: Draft
  onChange: (draft: Draft) => void
}) => {
  const t = useTranslations('createTopic')
  const { draft, onChange } = props
  const brokers = useBrokers(props.cluster)
  const defaults = useTopicConfigDefaults(props.cluster, true)
  const online = brokers.data?.items.filter((broker) => broker.isOnline).length ?? null
  const problem = draft.name === '' ? null : topicNameProblem(draft.name)
  return (
    <>
      <Field
        label={t('name')}
        hint={t('nameHint')}
        error={problem === null ? undefined : t(`nameProblem.${problem}`)}
      >
        {(control) => (
          <Input
            {...control}
            className="font-mono"
            autoComplete="off"
            spellCheck={false}
            required
            value={draft.name}
            onChange={(event) => onChange({ ...draft, name: event.target.value })}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t('partitions')} hint={t('emptyIsDefault')}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={100_000}
              value={draft.partitions}
              onChange={(event) => onChange({ ...draft, partitions: event.target.value })}
            />
          )}
        </Field>
        <Field
          label={t('replication')}
          hint={online === null ? t('emptyIsDefault') : t('atMost', { count: online })}
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={online ?? 32_767}
              value={draft.replicationFactor}
              onChange={(event) => onChange({ ...draft, replicationFactor: event.target.value })}
            />
          )}
        </Field>
      </div>
      <section aria-label={t('configs')}>
        <h3 className="pb-2 text-sm font-semibold">{t('configs')}</h3>
        {defaults.error ? <ProblemNote error={defaults.error} className="mb-2" /> : null}
        <ConfigPicker
          known={defaults.data?.items ?? []}
          values={draft.configs}
          onChange={(configs) => onChange({ ...draft, configs })}
        />
      </section>
    </>
  )
}

const Summary = ({ draft }: { draft: Draft }) => {
  const t = useTranslations('createTopic')
  const partitions = countOf(draft.partitions)
  const copies = countOf(draft.replicationFactor)
  return (
    <p className="rounded-md border border-line bg-raised px-3 py-2 text-sm">
      {partitions === null || copies === null
        ? t('summaryDefault', { configs: Object.keys(draft.configs).length })
        : t('summary', {
            partitions,
            copies,
            replicas: partitions * copies,
            configs: Object.keys(draft.configs).length,
          })}
      {copies === 1 ? (
        <StateMark state="attention" className="mt-1 flex">
          {t('oneCopy')}
        </StateMark>
      ) : null}
    </p>
  )
}

export const CreateTopicSheet = ({
  cluster,
  onClose,
}: {
  cluster: string
  onClose: () => void
}) => {
  const t = useTranslations('createTopic')
  const common = useTranslations('common')
  const links = useConsoleLinks()
  const formId = useId()
  const [draft, setDraft] = useState(EMPTY)
  const create = useCreateTopic(cluster)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate({
      name: draft.name,
      partitions: countOf(draft.partitions),
      replicationFactor: countOf(draft.replicationFactor),
      configs: draft.configs,
    })
  }
  const done = create.data
  return (
    <Sheet
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('title')}
      footer={
        done ? (
          <>
            <Button
              onClick={() => {
                setDraft(EMPTY)
                create.reset()
              }}
            >
              {t('another')}
            </Button>
            <Button asChild variant="primary">
              <Link href={links.topic(cluster, done.name)}>{t('open')}</Link>
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>{common('cancel')}</Button>
            <Button
              type="submit"
              form={formId}
              variant="primary"
              disabled={create.isPending || topicNameProblem(draft.name) !== null}
            >
              {create.isPending ? t('busy') : t('do')}
            </Button>
          </>
        )
      }
    >
      {done ? (
        <p role="status">
          <StateMark state="healthy" className="text-base">
            {t('done', { name: done.name })}
          </StateMark>
        </p>
      ) : (
        <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
          <DraftFields cluster={cluster} draft={draft} onChange={setDraft} />
          <Summary draft={draft} />
          {create.error ? <ProblemNote error={create.error} /> : null}
        </form>
      )}
    </Sheet>
  )
}
