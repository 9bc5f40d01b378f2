'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { ClusterItem } from '../../contracts/clusters.ts'
import { useRemoveCluster } from '../../hooks/use-cluster-definitions.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmTyping } from '../ui/confirm-typing.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { toast } from '../ui/toaster.tsx'

/** The cluster itself is not touched; what Eyrie knows of it goes. */
export const RemoveClusterDialog = (props: { cluster: ClusterItem; onClose: () => void }) => {
  const { cluster, onClose } = props
  const t = useTranslations('clusters')
  const common = useTranslations('common')
  const [typed, setTyped] = useState('')
  const remove = useRemoveCluster()
  const start = () =>
    remove.mutate(cluster.id, {
      onSuccess: () => {
        toast.success(t('removed', { name: cluster.name }))
        onClose()
      },
    })
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('removeTitle', { name: cluster.name })}
      description={t('removeText')}
      footer={
        <>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button
            variant="danger"
            disabled={typed !== cluster.name || remove.isPending}
            onClick={start}
          >
            {t('remove')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <ConfirmTyping expected={cluster.name} value={typed} onChange={setTyped} />
        {remove.error ? <ProblemNote error={remove.error} /> : null}
      </div>
    </Dialog>
  )
}
