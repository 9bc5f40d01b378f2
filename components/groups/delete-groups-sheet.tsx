'use client'

import { useTranslations } from 'next-intl'
import { useDeleteGroups } from '../../hooks/use-groups.ts'
import { useProductionName } from '../../hooks/use-production.ts'
import { BulkSheet } from '../ui/bulk-sheet.tsx'
import { StateMark } from '../ui/state-mark.tsx'

/** Deletes one group or several; their lag history stays. */
export const DeleteGroupsSheet = (props: {
  cluster: string
  groups: readonly string[]
  /** Of the groups, where it is known. */
  members?: number
  onClose: () => void
  onDone?: (groups: readonly string[]) => void
}) => {
  const { cluster, groups, members = 0 } = props
  const t = useTranslations('deleteGroup')
  const work = useDeleteGroups(cluster)
  const place = useProductionName(cluster)
  const count = groups.length
  return (
    <BulkSheet
      names={groups}
      work={work}
      title={t('title', { count })}
      description={t('what')}
      phrase={`delete ${count}`}
      place={place}
      doIt={t('do', { count })}
      done={t('done')}
      isBlocked={members > 0}
      note={
        members > 0 ? (
          <StateMark state="attention">{t('hasMembers', { count: members })}</StateMark>
        ) : null
      }
      onClose={props.onClose}
      onDone={props.onDone}
    />
  )
}
