'use client'

import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query'
import {
  type EventSubjectType,
  type EventType,
  type ListEventsOutput,
  listEventMarksContract,
  listEventsContract,
} from '../contracts/events.ts'
import { type ApiError, callApi } from '../lib/api-client.ts'
import { resolveTimeRange, serializeTimeRange } from '../lib/time-range.ts'
import { useApiQuery } from './use-api-query.ts'
import { useRefresh } from './use-refresh.ts'
import { useTimeRange } from './use-time-range.ts'

export type EventFilter = {
  readonly types: readonly EventType[]
  readonly search: string
  readonly actor: string
  readonly subjectType?: EventSubjectType
  readonly subject?: string
}

const PAGE_SIZE = 100
/** Pages that are read again at each refresh; further back nothing changes. */
const LIVE_PAGES_MAX = 3

type Pages = InfiniteData<ListEventsOutput, number | null>

/** The page's time range of events, newest first, a page at a time. */
export const useEvents = (cluster: string, filter: EventFilter) => {
  const [range] = useTimeRange()
  const { intervalMs } = useRefresh()
  const { types, search, actor, subjectType, subject } = filter
  return useInfiniteQuery<ListEventsOutput, ApiError, Pages, readonly unknown[], number | null>({
    queryKey: ['cluster', cluster, 'events', { ...filter, range: serializeTimeRange(range) }],
    queryFn: ({ pageParam, signal }) => {
      const { fromMs, toMs } = resolveTimeRange(range, Date.now())
      return callApi(listEventsContract, {
        params: { cluster },
        query: {
          ...(types.length > 0 && { types: types.join(',') }),
          ...(search !== '' && { search }),
          ...(actor !== '' && { actor }),
          ...(subjectType !== undefined && { subjectType }),
          ...(subject !== undefined && { subject }),
          from: fromMs,
          ...(range.kind === 'fixed' && { to: toMs }),
          ...(pageParam !== null && { before: pageParam }),
          limit: PAGE_SIZE,
        },
        signal,
      })
    },
    initialPageParam: null,
    getNextPageParam: (page) => page.next,
    refetchInterval: ({ state }) =>
      range.kind === 'relative' && (state.data?.pages.length ?? 1) <= LIVE_PAGES_MAX
        ? intervalMs
        : false,
  })
}

export type MarksAbout = {
  readonly topic?: string
  readonly group?: string
  readonly broker?: number
}

/** Events of the page's range, gathered for axes: one question for all charts of a page. */
export const useEventMarks = (cluster: string | null, about: MarksAbout) => {
  const [range] = useTimeRange()
  const key = { ...about, range: serializeTimeRange(range) }
  return useApiQuery({
    queryKey: ['cluster', cluster ?? '', 'event-marks', key],
    contract: listEventMarksContract,
    request: () => {
      const { fromMs, toMs } = resolveTimeRange(range, Date.now())
      return { params: { cluster: cluster ?? '' }, query: { ...about, from: fromMs, to: toMs } }
    },
    poll: 'live',
    enabled: cluster !== null,
  })
}
