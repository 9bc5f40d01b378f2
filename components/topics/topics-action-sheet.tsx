'use client'

import { useTranslations } from 'next-intl'
import { useProductionName } from '../../hooks/use-production.ts'
import { useDeleteTopics, usePurgeTopics } from '../../hooks/use-topics.ts'
import { BulkSheet } from '../ui/bulk-sheet.tsx'

type ActionSheetProps = {
  cluster: string
  action: 'delete' | 'purge'
  topics: readonly string[]
  onClose: () => void
  /** Called once, with those that went well. */
  onDone?: (topics: readonly string[]) => void
}

/** Deletes or purges one topic or several. */
export const TopicsActionSheet = (props: ActionSheetProps) => {
  const { cluster, action, topics } = props
  const t = useTranslations('topicsAction')
  const remove = useDeleteTopics(cluster)
  const purge = usePurgeTopics(cluster)
  const place = useProductionName(cluster)
  const count = topics.length
  return (
    <BulkSheet
      names={topics}
      work={action === 'delete' ? remove : purge}
      title={t(`title.${action}`, { count })}
      description={t(`what.${action}`)}
      phrase={`${action} ${count}`}
      place={place}
      doIt={t(`do.${action}`, { count })}
      done={t(`done.${action}`)}
      onClose={props.onClose}
      onDone={props.onDone}
    />
  )
}
