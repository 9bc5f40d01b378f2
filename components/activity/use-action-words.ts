'use client'

import { useTranslations } from 'next-intl'
import { useCallback } from 'react'

/** Contracts that change something, by their id, which is what the audit log carries. */
export const AUDITED_ACTIONS = [
  'createTopic',
  'createCluster',
  'updateCluster',
  'removeCluster',
  'deleteTopic',
  'addPartitions',
  'purgeTopic',
  'produceMessage',
  'patchTopicConfigs',
  'patchBrokerConfigs',
  'stopBroker',
  'killBroker',
  'pauseBroker',
  'startBroker',
  'deleteGroup',
  'resetOffsets',
  'electLeaders',
  'switchSample',
  'createUser',
  'updateUser',
  'deleteUser',
  'changePassword',
  'signOutEverywhere',
  'completeSetup',
  'pinAttribute',
  'unpinAttribute',
] as const

type Audited = (typeof AUDITED_ACTIONS)[number]

const isAudited = (action: string): action is Audited =>
  (AUDITED_ACTIONS as readonly string[]).includes(action)

export const useActionWords = (): ((action: string) => string) => {
  const t = useTranslations('activity.action')
  return useCallback((action) => (isAudited(action) ? t(action) : action), [t])
}
