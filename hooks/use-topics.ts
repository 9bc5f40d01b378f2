'use client'

import type { QueryKey } from '@tanstack/react-query'
import type { z } from 'zod'
import {
  addPartitionsContract,
  createTopicContract,
  deleteTopicContract,
  getTopicContract,
  listTopicsContract,
  purgeTopicContract,
} from '../contracts/topics.ts'
import { callApi } from '../lib/api-client.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'
import { useAt } from './use-at.ts'
import { useBulkAction } from './use-bulk-action.ts'

export type TopicsQuery = z.input<typeof listTopicsContract.query>

export const useTopics = (cluster: string, given: TopicsQuery, enabled = true) => {
  const at = useAt()
  const query = { ...given, ...at.query }
  return useApiQuery({
    queryKey: keys.topics(cluster, query),
    contract: listTopicsContract,
    request: () => ({ params: { cluster }, query }),
    poll: at.poll,
    enabled,
  })
}

export const useTopic = (cluster: string, topic: string) => {
  const at = useAt()
  return useApiQuery({
    queryKey: [...keys.topic(cluster, topic), at.query],
    contract: getTopicContract,
    request: () => ({ params: { cluster, topic }, query: at.query }),
    poll: at.poll,
  })
}

export const useCreateTopic = (cluster: string) =>
  useApiMutation({
    contract: createTopicContract,
    request: (body: z.input<typeof createTopicContract.body>) => ({ params: { cluster }, body }),
    stale: [keys.cluster(cluster)],
  })

export const useAddPartitions = (cluster: string, topic: string) =>
  useApiMutation({
    contract: addPartitionsContract,
    request: (count: number) => ({ params: { cluster, topic }, body: { count } }),
    stale: [keys.cluster(cluster)],
  })

/** What is about one topic; after a deletion it must not be asked for again. */
const isOfOneTopic = (queryKey: QueryKey): boolean => {
  const [, , kind, query] = queryKey
  if (kind === 'topic') return true
  return kind === 'replica-map' && typeof query === 'object' && query !== null && 'topic' in query
}

export const useDeleteTopics = (cluster: string) =>
  useBulkAction(cluster, (topic) => callApi(deleteTopicContract, { params: { cluster, topic } }), {
    isAboutOne: isOfOneTopic,
  })

export const usePurgeTopics = (cluster: string) =>
  useBulkAction(cluster, (topic) => callApi(purgeTopicContract, { params: { cluster, topic } }))
