'use client'

import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { z } from 'zod'
import {
  type ListMessagesOutput,
  listMessagesContract,
  type Message,
  produceMessageContract,
  tailEvent,
  tailMessagesContract,
} from '../contracts/messages.ts'
import { type ApiError, callApi } from '../lib/api-client.ts'
import { contractUrl } from '../lib/api-path.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'

export type MessagesQuery = z.input<typeof listMessagesContract.query>
export type TailQuery = z.input<typeof tailMessagesContract.query>

/** Read when the query changes or when asked: a scan is work for the cluster, so it never polls. */
export const useMessages = (cluster: string, topic: string, query: MessagesQuery, enabled = true) =>
  useQuery<ListMessagesOutput, ApiError>({
    queryKey: keys.messages(cluster, topic, query),
    queryFn: ({ signal }) =>
      callApi(listMessagesContract, { params: { cluster, topic }, query, signal }),
    enabled,
    refetchOnWindowFocus: false,
    retry: false,
    gcTime: 60_000,
  })

export const useProduceMessage = (cluster: string, topic: string) =>
  useApiMutation({
    contract: produceMessageContract,
    request: (body: z.input<typeof produceMessageContract.body>) => ({
      params: { cluster, topic },
      body,
    }),
    stale: [['messages', cluster, topic], keys.topic(cluster, topic)],
  })

const TAIL_KEEP = 500

export type Tail = {
  readonly items: readonly Message[]
  readonly scanned: number
  readonly matched: number
  readonly skipped: number
  readonly status: 'connecting' | 'open' | 'lost'
  readonly error: string | null
  readonly clear: () => void
}

const empty = { items: [] as readonly Message[], scanned: 0, matched: 0, skipped: 0 }

/** Newest first, the last 500; while `isPaused` they are counted in and shown on resuming. */
export const useTail = (
  cluster: string,
  topic: string,
  query: TailQuery,
  options: { enabled: boolean; isPaused: boolean },
): Tail => {
  const [shown, setShown] = useState(empty)
  const [status, setStatus] = useState<Tail['status']>('connecting')
  const [error, setError] = useState<string | null>(null)
  const pending = useRef(empty)
  const address = contractUrl(tailMessagesContract, { params: { cluster, topic }, query })
  const { enabled, isPaused } = options

  const clear = useCallback(() => {
    pending.current = empty
    setShown(empty)
  }, [])

  useEffect(() => {
    if (!enabled) return
    pending.current = empty
    setShown(empty)
    setStatus('connecting')
    setError(null)
    const source = new EventSource(address)
    source.onopen = () => setStatus('open')
    source.onerror = () => setStatus('lost')
    source.onmessage = (raw: MessageEvent<string>) => {
      const parsed = tailEvent.safeParse(JSON.parse(raw.data))
      if (!parsed.success) return
      const event = parsed.data
      if (event.type === 'error') {
        setError(event.message)
        return
      }
      setError(null)
      const before = pending.current
      pending.current = {
        items: [...event.items.toReversed(), ...before.items].slice(0, TAIL_KEEP),
        scanned: before.scanned + event.scanned,
        matched: before.matched + event.matched,
        skipped: before.skipped + event.skipped,
      }
    }
    return () => source.close()
  }, [enabled, address])

  useEffect(() => {
    if (!enabled || isPaused) return
    const timer = setInterval(() => setShown(pending.current), 250)
    return () => clearInterval(timer)
  }, [enabled, isPaused])

  return { ...shown, status, error, clear }
}
