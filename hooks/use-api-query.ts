'use client'

import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import type { Contract, ContractOutput } from '../contracts/define.ts'
import { type ApiError, callApi } from '../lib/api-client.ts'
import type { PartialRequest } from '../lib/api-path.ts'
import { useRefresh } from './use-refresh.ts'

type Options<C extends Contract> = {
  readonly queryKey: readonly unknown[]
  readonly contract: C
  /** Called at each fetch, so that a relative range ends now. */
  readonly request: () => PartialRequest<C>
  /** `live` polls at the chosen interval; `once` reads again only when asked or on focus. */
  readonly poll: 'live' | 'once'
  readonly enabled?: boolean
}

export type ApiQuery<T> = UseQueryResult<T, ApiError>

/** Keeps showing the last data while the next is on its way, or while it fails. */
export const useApiQuery = <C extends Contract>(
  options: Options<C>,
): ApiQuery<ContractOutput<C>> => {
  const { intervalMs } = useRefresh()
  return useQuery<ContractOutput<C>, ApiError>({
    queryKey: options.queryKey,
    queryFn: ({ signal }) => callApi(options.contract, { ...options.request(), signal }),
    placeholderData: keepPreviousData,
    refetchInterval: options.poll === 'live' ? intervalMs : false,
    enabled: options.enabled ?? true,
  })
}
