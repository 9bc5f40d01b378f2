'use client'

import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useDeleteGroup } from '../../hooks/use-groups.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmTyping } from '../ui/confirm-typing.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { StateMark } from '../ui/state-mark.tsx'
import { toast } from '../ui/toaster.tsx'

export const DeleteGroupSheet = (props: {
  cluster: string
  group: string
  members: number
  partitions: number
  onClose: () => void
}) => {
  const { cluster, group, members, partitions, onClose } = props
  const t = useTranslations('deleteGroup')
  const common = useTranslations('common')
  const router = useRouter()
  const links = useConsoleLinks()
  const [typed, setTyped] = useState('')
  const remove = useDeleteGroup(cluster)
  const start = () =>
    remove.mutate(group, {
      onSuccess: () => {
        toast.success(t('done', { group }))
        router.push(links.groups(cluster))
      },
    })
  return (
    <Sheet
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('title')}
      description={t('what', { count: partitions })}
      footer={
        <>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button
            variant="danger"
            disabled={typed !== group || members > 0 || remove.isPending}
            onClick={start}
          >
            {remove.isPending ? t('busy') : t('do')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {members > 0 ? (
          <StateMark state="attention">{t('hasMembers', { count: members })}</StateMark>
        ) : (
          <ConfirmTyping expected={group} value={typed} onChange={setTyped} />
        )}
        {remove.error ? <ProblemNote error={remove.error} /> : null}
      </div>
    </Sheet>
  )
}
