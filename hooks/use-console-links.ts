'use client'

import { useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import { encodeSegment } from '../lib/api-path.ts'

const CARRIED = ['range', 'unzoomed', 'refresh'] as const
/** Of pages that can show their cluster as it was. */
const CARRIED_IN_TIME = [...CARRIED, 'at'] as const

type Query = Record<string, string | number | null | undefined>

export type ConsoleLinks = {
  readonly overview: (cluster: string, query?: Query) => string
  readonly topics: (cluster: string, query?: Query) => string
  readonly topic: (cluster: string, topic: string, query?: Query) => string
  readonly groups: (cluster: string, query?: Query) => string
  readonly group: (cluster: string, group: string, query?: Query) => string
  readonly lag: (cluster: string, query?: Query) => string
  readonly brokers: (cluster: string, query?: Query) => string
  readonly broker: (cluster: string, broker: number, query?: Query) => string
  readonly quorum: (cluster: string) => string
  readonly events: (cluster: string, query?: Query) => string
  readonly metrics: (cluster: string, query?: Query) => string
  readonly config: (cluster: string, query?: Query) => string
  readonly clusters: () => string
  readonly account: () => string
  readonly users: () => string
  readonly activity: () => string
}

/** Addresses of the console's pages; time range and refresh interval go along from page to page. */
export const useConsoleLinks = (): ConsoleLinks => {
  const params = useSearchParams()
  return useMemo(() => {
    const href = (path: string, query: Query = {}, carried: readonly string[] = CARRIED) => {
      const search = new URLSearchParams()
      for (const name of carried) {
        const value = params.get(name)
        if (value !== null) search.set(name, value)
      }
      for (const [name, value] of Object.entries(query)) {
        if (value !== null && value !== undefined) search.set(name, String(value))
      }
      const text = search.toString()
      return text === '' ? path : `${path}?${text}`
    }
    const inTime = (path: string, query?: Query) => href(path, query, CARRIED_IN_TIME)
    const of = (cluster: string) => `/clusters/${encodeSegment(cluster)}`
    return {
      overview: (cluster, query) => href(of(cluster), query),
      topics: (cluster, query) => inTime(`${of(cluster)}/topics`, query),
      topic: (cluster, topic, query) =>
        inTime(`${of(cluster)}/topics/${encodeSegment(topic)}`, query),
      groups: (cluster, query) => inTime(`${of(cluster)}/groups`, query),
      group: (cluster, group, query) =>
        inTime(`${of(cluster)}/groups/${encodeSegment(group)}`, query),
      lag: (cluster, query) => href(`${of(cluster)}/lag`, query),
      brokers: (cluster, query) => inTime(`${of(cluster)}/brokers`, query),
      broker: (cluster, broker, query) => inTime(`${of(cluster)}/brokers/${broker}`, query),
      quorum: (cluster) => href(`${of(cluster)}/quorum`),
      events: (cluster, query) => href(`${of(cluster)}/events`, query),
      metrics: (cluster, query) => href(`${of(cluster)}/metrics`, query),
      config: (cluster, query) => href(`${of(cluster)}/config`, query),
      clusters: () => href('/clusters'),
      account: () => href('/account'),
      users: () => href('/users'),
      activity: () => href('/activity'),
    }
  }, [params])
}
