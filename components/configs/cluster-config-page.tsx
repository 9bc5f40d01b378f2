'use client'

import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import { useBrokers } from '../../hooks/use-brokers.ts'
import type { ConfigEntity } from '../../hooks/use-configs.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { Select } from '../ui/select.tsx'
import { ConfigEditor } from './config-editor.tsx'
import { ConfigHistory } from './config-history.tsx'

const HISTORY = 'history'
const DEFAULT = 'default'

const entityOf = (of: string): ConfigEntity =>
  /^\d+$/.test(of) ? { type: 'broker', broker: Number(of) } : { type: 'broker-default' }

/** The cluster-wide default, each broker's own, and all changes of the cluster. */
export const ClusterConfigPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('config')
  const [of, setOf] = useQueryState('of', parseAsString.withDefault(DEFAULT))
  const brokers = useBrokers(cluster)
  const options = useMemo(
    () => [
      { value: DEFAULT, label: t('clusterDefault') },
      ...(brokers.data?.items ?? []).map((broker) => ({
        value: String(broker.id),
        label: t('brokerOption', { id: broker.id }),
      })),
      { value: HISTORY, label: t('history') },
    ],
    [brokers.data, t],
  )
  const entity = useMemo(() => entityOf(of), [of])
  return (
    <>
      <PageHeader
        title={t('pageTitle')}
        verdict={
          <span className="text-sm text-muted">
            {of === HISTORY ? t('historyNote') : t(`about.${entity.type}`)}
          </span>
        }
        actions={
          options.length <= 6 ? (
            <Segmented aria-label={t('of')} value={of} onValueChange={setOf} options={options} />
          ) : (
            <Select aria-label={t('of')} value={of} onValueChange={setOf} options={options} />
          )
        }
      />
      {of === HISTORY ? (
        <ConfigHistory cluster={cluster} filter={{}} showsEntity />
      ) : (
        <ConfigEditor key={of} cluster={cluster} entity={entity} />
      )}
    </>
  )
}
