'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { Quorum, QuorumReplica } from '../../contracts/quorum.ts'
import { useConsoleLinks } from '../../hooks/use-console-links.ts'
import { useQuorum } from '../../hooks/use-quorum.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { AsOf, TimeAgo } from '../ui/age.tsx'
import { Badge } from '../ui/badge.tsx'
import { CopyableId } from '../ui/copyable-id.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Facts } from '../ui/facts.tsx'
import { Figure } from '../ui/figure.tsx'
import { FreshVerdict } from '../ui/fresh-verdict.tsx'
import { Panel } from '../ui/panel.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { type State, StateMark } from '../ui/state-mark.tsx'
import { SimpleTable, Td, Th } from '../ui/table.tsx'

/** A voter this far behind is no good for a majority. */
const LATE_MS = 10_000

const replicaState = (replica: QuorumReplica): State => {
  if (replica.isLeader) return 'healthy'
  if (replica.lagMs === null) return replica.lagRecords === 0 ? 'healthy' : 'unknown'
  return replica.lagMs > LATE_MS ? 'critical' : 'healthy'
}

const ReplicaRow = ({ cluster, replica }: { cluster: string; replica: QuorumReplica }) => {
  const t = useTranslations('quorum')
  const links = useConsoleLinks()
  const address = replica.host === null ? null : `${replica.host}:${replica.port ?? ''}`
  return (
    <tr>
      <Td className="whitespace-nowrap max-sm:whitespace-normal">
        <Link
          href={links.broker(cluster, replica.id)}
          className="font-medium underline-offset-2 hover:underline"
        >
          {t('node', { id: replica.id })}
        </Link>
        {replica.isLeader ? (
          <Badge tone="accent" className="ml-2">
            {t('leader')}
          </Badge>
        ) : null}
        {address ? (
          <p className="font-mono text-xs break-all text-muted sm:hidden">{address}</p>
        ) : null}
      </Td>
      <Td className="whitespace-nowrap">
        <StateMark state={replicaState(replica)}>{t(`state.${replicaState(replica)}`)}</StateMark>
      </Td>
      <Td className="text-right max-sm:hidden">
        <Figure value={replica.logEndOffset} unit="offset" missing={t('notTold')} />
      </Td>
      <Td className="text-right">
        <Figure value={replica.lagRecords} unit="records" missing={t('notTold')} />
      </Td>
      <Td className="text-right">
        <Figure value={replica.lagMs} unit="ms" missing={t('notTold')} />
      </Td>
      <Td className="max-sm:hidden">
        {replica.isLeader || replica.lastFetchAt === null ? (
          '–'
        ) : (
          <TimeAgo timeMs={replica.lastFetchAt} />
        )}
      </Td>
      <Td className="font-mono whitespace-nowrap max-sm:hidden">{address ?? '–'}</Td>
      <Td className="max-sm:hidden">
        {replica.directoryId === null ? (
          '–'
        ) : (
          <CopyableId value={replica.directoryId} className="text-xs" />
        )}
      </Td>
    </tr>
  )
}

const ReplicaTable = (props: {
  cluster: string
  title: string
  note: string
  replicas: readonly QuorumReplica[]
}) => {
  const t = useTranslations('quorum')
  return (
    <Panel title={props.title} note={props.note} bodyClassName="p-0">
      <SimpleTable label={props.title}>
        <thead>
          <tr>
            <Th>{t('nodeHeader')}</Th>
            <Th>{t('stateHeader')}</Th>
            <Th className="text-right max-sm:hidden">{t('logEnd')}</Th>
            <Th className="text-right">{t('lagRecords')}</Th>
            <Th className="text-right">{t('lagTime')}</Th>
            <Th className="max-sm:hidden">{t('lastFetch')}</Th>
            <Th className="max-sm:hidden">{t('address')}</Th>
            <Th className="max-sm:hidden">{t('directory')}</Th>
          </tr>
        </thead>
        <tbody>
          {props.replicas.map((replica) => (
            <ReplicaRow
              key={`${replica.id}:${replica.directoryId}`}
              cluster={props.cluster}
              replica={replica}
            />
          ))}
        </tbody>
      </SimpleTable>
    </Panel>
  )
}

const Verdict = ({ quorum }: { quorum: Quorum }) => {
  const t = useTranslations('quorum')
  const { leaderId, voters } = quorum
  if (leaderId === null) return <StateMark state="critical">{t('noLeader')}</StateMark>
  const current = voters.filter((voter) => replicaState(voter) === 'healthy').length
  const majority = Math.floor(voters.length / 2) + 1
  const spare = current - majority
  return (
    <StateMark state={spare > 0 || voters.length === 1 ? 'healthy' : 'attention'}>
      {t('verdict', { leader: leaderId, current, total: voters.length, spare: Math.max(0, spare) })}
    </StateMark>
  )
}

const Body = ({ cluster, quorum }: { cluster: string; quorum: Quorum }) => {
  const t = useTranslations('quorum')
  if (quorum.mode === 'zookeeper') {
    return <EmptyState title={t('zookeeperTitle')}>{t('zookeeperText')}</EmptyState>
  }
  return (
    <>
      <Facts
        facts={[
          {
            label: t('leader'),
            value: quorum.leaderId === null ? '–' : t('node', { id: quorum.leaderId }),
          },
          { label: t('epoch'), value: <Figure value={quorum.leaderEpoch} /> },
          {
            label: t('highWatermark'),
            value: <Figure value={quorum.highWatermark} unit="offset" />,
          },
          { label: t('voters'), value: <Figure value={quorum.voters.length} /> },
          { label: t('observers'), value: <Figure value={quorum.observers.length} /> },
        ]}
      />
      <ReplicaTable
        cluster={cluster}
        title={t('voters')}
        note={t('votersNote')}
        replicas={quorum.voters}
      />
      {quorum.observers.length > 0 ? (
        <ReplicaTable
          cluster={cluster}
          title={t('observers')}
          note={t('observersNote')}
          replicas={quorum.observers}
        />
      ) : null}
    </>
  )
}

export const QuorumPage = ({ cluster }: { cluster: string }) => {
  const t = useTranslations('quorum')
  const query = useQuorum(cluster)
  const quorum = query.data
  return (
    <>
      <PageHeader
        title={t('title')}
        verdict={
          quorum ? (
            quorum.mode === 'zookeeper' ? null : (
              <FreshVerdict asOf={quorum.asOf}>
                <Verdict quorum={quorum} />
              </FreshVerdict>
            )
          ) : query.error ? null : (
            <Skeleton className="mt-1 h-4 w-80 max-w-full" />
          )
        }
        aside={quorum ? <AsOf asOf={quorum.asOf} /> : null}
      />
      <div className="flex flex-col gap-4">
        {query.error ? <ProblemNote error={query.error} onRetry={() => query.refetch()} /> : null}
        {quorum ? (
          <Body cluster={cluster} quorum={quorum} />
        ) : query.error ? null : (
          <>
            <Skeleton className="h-14 w-full" />
            <Skeleton className="h-40 w-full" />
          </>
        )}
      </div>
    </>
  )
}
