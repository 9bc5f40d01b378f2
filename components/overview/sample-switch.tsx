'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { SampleState } from '../../contracts/sample.ts'
import { useIsAdministrator } from '../../hooks/use-account.ts'
import { useSwitchSample } from '../../hooks/use-sample.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmTyping } from '../ui/confirm-typing.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Panel } from '../ui/panel.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Switch } from '../ui/switch.tsx'
import { toast } from '../ui/toaster.tsx'

const RemoveDialog = (props: {
  sample: SampleState
  isBusy: boolean
  onRemove: () => void
  onClose: () => void
}) => {
  const t = useTranslations('sample')
  const common = useTranslations('common')
  const [typed, setTyped] = useState('')
  const names = [...props.sample.topics, ...props.sample.groups]
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : props.onClose())}
      title={t('removeTitle')}
      description={t('removeWhat', {
        topics: props.sample.topics.length,
        groups: props.sample.groups.length,
      })}
      footer={
        <>
          <Button onClick={props.onClose}>{common('cancel')}</Button>
          <Button
            variant="danger"
            disabled={typed !== 'sample' || props.isBusy}
            onClick={props.onRemove}
          >
            {t('remove')}
          </Button>
        </>
      }
    >
      <ul className="mb-3 font-mono text-xs text-muted">
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      <ConfirmTyping expected="sample" value={typed} onChange={setTyped} />
    </Dialog>
  )
}

/** Starts and stops the sample traffic, or removes it with its topics and groups. */
export const SampleSwitch = ({ cluster, sample }: { cluster: string; sample: SampleState }) => {
  const t = useTranslations('sample')
  const [isRemoving, setIsRemoving] = useState(false)
  const isAdministrator = useIsAdministrator()
  const change = useSwitchSample(cluster)
  if (sample.state === 'unavailable' || !isAdministrator) return null
  const isOn = sample.state === 'running' || sample.state === 'starting'
  const isBusy = change.isPending || sample.state === 'starting' || sample.state === 'removing'
  const remove = () =>
    change.mutate('remove', {
      onSuccess: () => {
        setIsRemoving(false)
        toast.success(t('removed'))
      },
    })
  return (
    <Panel bodyClassName="flex flex-wrap items-center gap-x-4 gap-y-2 py-2">
      <Switch
        checked={isOn}
        disabled={isBusy}
        onCheckedChange={(on) => change.mutate(on ? 'start' : 'stop')}
        label={t('label')}
      />
      <p className="min-w-0 flex-1 text-xs text-muted max-sm:order-last max-sm:basis-full">
        {t(`state.${sample.state}`)}
      </p>
      {sample.state === 'running' || sample.state === 'stopped' ? (
        <Button
          size="sm"
          variant="dangerQuiet"
          className="max-sm:ml-auto"
          onClick={() => setIsRemoving(true)}
        >
          {t('removeEllipsis')}
        </Button>
      ) : null}
      {sample.error ? <p className="basis-full text-xs text-crit">{sample.error}</p> : null}
      {change.error ? <ProblemNote error={change.error} className="basis-full" /> : null}
      {isRemoving ? (
        <RemoveDialog
          sample={sample}
          isBusy={isBusy}
          onRemove={remove}
          onClose={() => setIsRemoving(false)}
        />
      ) : null}
    </Panel>
  )
}
