'use client'

import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { z } from 'zod'
import {
  addPartitionsContract,
  createTopicContract,
  deleteTopicContract,
  getTopicContract,
  listTopicsContract,
  purgeTopicContract,
} from '../contracts/topics.ts'
import { type ApiError, callApi } from '../lib/api-client.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'

export type TopicsQuery = z.input<typeof listTopicsContract.query>

export const useTopics = (cluster: string, query: TopicsQuery, enabled = true) =>
  useApiQuery({
    queryKey: keys.topics(cluster, query),
    contract: listTopicsContract,
    request: () => ({ params: { cluster }, query }),
    poll: 'live',
    enabled,
  })

export const useTopic = (cluster: string, topic: string) =>
  useApiQuery({
    queryKey: keys.topic(cluster, topic),
    contract: getTopicContract,
    request: () => ({ params: { cluster, topic } }),
    poll: 'live',
  })

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

export type TopicActionResult = { readonly topic: string; readonly error: ApiError | null }

/** What is about one topic; after a deletion it must not be asked for again. */
const isOfOneTopic = (queryKey: QueryKey): boolean => {
  const [, , kind, query] = queryKey
  if (kind === 'topic') return true
  return kind === 'replica-map' && typeof query === 'object' && query !== null && 'topic' in query
}

/** One topic after the other: each result shows as it comes and one refusal stops no other. */
const useTopicsAction = (
  cluster: string,
  act: (topic: string) => Promise<void>,
  options: { readonly isDeletion: boolean },
) => {
  const client = useQueryClient()
  const [results, setResults] = useState<readonly TopicActionResult[]>([])
  const [isRunning, setIsRunning] = useState(false)
  const run = async (topics: readonly string[]): Promise<readonly TopicActionResult[]> => {
    setIsRunning(true)
    const done: TopicActionResult[] = []
    for (const topic of topics) {
      const error = await act(topic).then(
        () => null,
        (reason: ApiError) => reason,
      )
      done.push({ topic, error })
      setResults([...done])
    }
    setIsRunning(false)
    await client.invalidateQueries({
      queryKey: keys.cluster(cluster),
      predicate: (query) => !options.isDeletion || !isOfOneTopic(query.queryKey),
    })
    return done
  }
  return { run, results, isRunning, reset: () => setResults([]) }
}

export const useDeleteTopics = (cluster: string) =>
  useTopicsAction(
    cluster,
    async (topic) => {
      await callApi(deleteTopicContract, { params: { cluster, topic } })
    },
    { isDeletion: true },
  )

export const usePurgeTopics = (cluster: string) =>
  useTopicsAction(
    cluster,
    async (topic) => {
      await callApi(purgeTopicContract, { params: { cluster, topic } })
    },
    { isDeletion: false },
  )
