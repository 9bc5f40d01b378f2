'use client'

import { useTranslations } from 'next-intl'
import { useCallback } from 'react'
import type { ClusterEvent, EventMark } from '../../contracts/events.ts'
import { isrGrowth, memberCounts } from './change-lines.ts'

type Say = ReturnType<typeof useTranslations<'events.says'>>

const idOf = (value: unknown, none: string): string =>
  value === null || value === undefined ? none : String(value)

const brokerWords = ({ before, after }: ClusterEvent, say: Say): string => {
  if (after === null) return say('brokerGone')
  if (after.state === 'offline') return say('brokerOffline')
  if (before === null) return say('brokerNew')
  if (after.state === 'online') return say('brokerOnline')
  return 'startedAt' in after ? say('brokerRestarted') : say('brokerChanged')
}

const partitionWords = (event: ClusterEvent, say: Say): string => {
  const count = event.bulk?.partitions ?? Object.keys(event.after ?? {}).length
  if (event.type === 'leader') return say('leader', { count })
  if (event.type === 'replicas') return say('replicas', { count })
  const growth = isrGrowth(event)
  if (growth === 0) return say('isrChanged', { count })
  return growth < 0 ? say('isrShrank', { count }) : say('isrGrew', { count })
}

const clusterWords = ({ type, before, after }: ClusterEvent, say: Say): string => {
  const none = say('none')
  if (type === 'collector') return say(before === null ? 'collectorFirst' : 'collector')
  if (type === 'cluster') return say(after?.reach === 'read' ? 'clusterRead' : 'clusterUnreachable')
  if (type === 'controller') {
    const from = idOf(before?.controllerId, none)
    return say('controller', { from, to: idOf(after?.controllerId, none) })
  }
  if (after === null || !('leaderId' in after)) {
    return say(after !== null && 'voters' in after ? 'quorumVoters' : 'quorumEpoch')
  }
  return say('quorumLeader', { from: idOf(before?.leaderId, none), to: idOf(after.leaderId, none) })
}

const memberWords = (event: ClusterEvent, say: Say): string => {
  const { joined, left, moved } = memberCounts(event)
  const parts = [
    ...(joined === 0 ? [] : [say('membersJoined', { count: joined })]),
    ...(left === 0 ? [] : [say('membersLeft', { count: left })]),
    ...(moved === 0 ? [] : [say('membersMoved', { count: moved })]),
  ]
  return parts.join(say('then'))
}

const groupWords = (event: ClusterEvent, say: Say): string => {
  const { type, before, after } = event
  if (type === 'group-created') return say('groupCreated')
  if (type === 'group-deleted') return say('groupDeleted')
  if (type === 'members') return memberWords(event, say)
  if (after !== null && 'state' in after) {
    return say('groupState', { from: String(before?.state), to: String(after.state) })
  }
  return say(after !== null && 'coordinator' in after ? 'groupCoordinator' : 'groupChanged')
}

const bulkWords = ({ type }: ClusterEvent, subjects: number, say: Say): string => {
  const what = type.startsWith('group') || type === 'members' ? 'groups' : 'topics'
  return say('many', { subjects, what })
}

/** What happened, as a sentence without its subject. */
export const useEventWords = (): ((event: ClusterEvent) => string) => {
  const say = useTranslations('events.says')
  const kind = useTranslations('events.kind')
  return useCallback(
    (event) => {
      const { type, bulk } = event
      if (type === 'leader' || type === 'isr' || type === 'replicas') {
        const words = partitionWords(event, say)
        return bulk === null ? words : `${words} · ${bulkWords(event, bulk.subjects, say)}`
      }
      if (bulk !== null) return `${kind(type)} · ${bulkWords(event, bulk.subjects, say)}`
      if (type === 'broker') return brokerWords(event, say)
      if (type === 'topic-created') return say('topicCreated')
      if (type === 'topic-deleted') return say('topicDeleted')
      if (type === 'partitions') return say('partitions')
      if (type === 'config') return say('config', { count: Object.keys(event.after ?? {}).length })
      if (event.subjectType === 'cluster') return clusterWords(event, say)
      return groupWords(event, say)
    },
    [kind, say],
  )
}

const NAMED_MAX = 4

/** A mark in a few words: "Broker 1 offline, leaders × 12". */
export const useMarkWords = (): ((mark: EventMark) => string) => {
  const t = useTranslations('events')
  return useCallback(
    (mark) => {
      const parts = mark.events.slice(0, NAMED_MAX).map((one) => {
        const kind = t(`kind.${one.type}`)
        const isOne = one.count === 1 && one.subjectType !== 'cluster'
        const words = isOne ? `${kind} ${one.subject}` : kind
        const state =
          one.state === 'offline' || one.state === 'online' || one.state === 'unreachable'
            ? ` ${t(`state.${one.state}`)}`
            : ''
        return `${words}${isOne || one.subjectType === 'cluster' ? state : ''}${
          one.count > 1 ? ` × ${one.count}` : ''
        }`
      })
      const rest = mark.events.length - parts.length
      return [...parts, ...(rest > 0 ? [`+${rest}`] : [])].join(', ')
    },
    [t],
  )
}
