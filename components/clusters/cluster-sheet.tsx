'use client'

import { PlugZap } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type FormEvent, useId, useState } from 'react'
import type { ClusterDefinition } from '../../contracts/cluster-definitions.ts'
import {
  useClusterDefinition,
  useCreateCluster,
  useUpdateCluster,
} from '../../hooks/use-cluster-definitions.ts'
import { useClusterTest } from '../../hooks/use-cluster-test.ts'
import { Button } from '../ui/button.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { toast } from '../ui/toaster.tsx'
import { bodyOf, type Draft, draftOf, EMPTY_DRAFT } from './draft.ts'
import { MarkFields } from './mark-fields.tsx'
import { MetricsFields } from './metrics-fields.tsx'
import { SecurityFields } from './security-fields.tsx'
import { TestResults } from './test-results.tsx'

type FormProps = {
  /** Null: a new one. */
  definition: ClusterDefinition | null
  onClose: () => void
}

const ClusterForm = ({ definition, onClose }: FormProps) => {
  const t = useTranslations('clusters')
  const common = useTranslations('common')
  const formId = useId()
  const [draft, setDraft] = useState<Draft>(definition ? draftOf(definition) : EMPTY_DRAFT)
  const create = useCreateCluster()
  const update = useUpdateCluster(definition?.id ?? '')
  const { test, start, isRunning, ...tested } = useClusterTest(definition?.id ?? null)
  const save = definition ? update : create
  const secretsSet = definition?.secretsSet ?? []
  const change = (changes: Partial<Draft>) => setDraft((now) => ({ ...now, ...changes }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(bodyOf(draft), {
      onSuccess: ({ name }) => {
        toast.success(definition ? t('changed', { name }) : t('added', { name }))
        onClose()
      },
    })
  }
  const error = save.error ?? tested.error
  const fields = { draft, onChange: change, secretsSet }
  return (
    <Sheet
      open
      width="lg"
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={definition ? t('editTitle', { name: definition.name }) : t('add')}
      description={t('sheetText')}
      footer={
        <>
          <Button
            className="mr-auto"
            disabled={isRunning || draft.bootstrap.trim() === ''}
            onClick={() => void start(bodyOf(draft))}
          >
            <PlugZap aria-hidden />
            {isRunning ? t('testing') : t('testConnection')}
          </Button>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button type="submit" form={formId} variant="primary" disabled={save.isPending}>
            {definition ? common('save') : t('add')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="flex flex-col gap-4">
        {definition && !definition.areSecretsReadable ? (
          <StateMark state="critical">{t('secretsUnreadable')}</StateMark>
        ) : null}
        <MarkFields {...fields} />
        <SecurityFields {...fields} />
        <MetricsFields {...fields} />
        {error ? <ProblemNote error={error} /> : null}
        {test ? <TestResults test={test} isRunning={isRunning} /> : null}
      </form>
    </Sheet>
  )
}

/** Attaches a cluster, or changes how one is reached. */
export const AddClusterSheet = ({ onClose }: { onClose: () => void }) => (
  <ClusterForm definition={null} onClose={onClose} />
)

export const EditClusterSheet = (props: { cluster: string; onClose: () => void }) => {
  const t = useTranslations('clusters')
  const definition = useClusterDefinition(props.cluster)
  if (definition.data) {
    return <ClusterForm definition={definition.data} onClose={props.onClose} />
  }
  return (
    <Sheet
      open
      width="lg"
      title={t('editTitle', { name: props.cluster })}
      onOpenChange={(open) => (open ? undefined : props.onClose())}
    >
      {definition.error ? (
        <ProblemNote error={definition.error} onRetry={() => definition.refetch()} />
      ) : (
        <Skeleton className="h-40 w-full" />
      )}
    </Sheet>
  )
}
