'use client'

import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Contract, ContractOutput } from '../contracts/define.ts'
import { type ApiError, callApi } from '../lib/api-client.ts'
import type { PartialRequest } from '../lib/api-path.ts'

/** `stale`: what is read again once the change is made. */
export const useApiMutation = <C extends Contract, V>(options: {
  readonly contract: C
  readonly request: (variables: V) => PartialRequest<C>
  readonly stale?: readonly QueryKey[]
}) => {
  const client = useQueryClient()
  return useMutation<ContractOutput<C>, ApiError, V>({
    mutationFn: (variables) => callApi(options.contract, options.request(variables)),
    onSuccess: async () => {
      const stale = options.stale ?? []
      await Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })))
    },
  })
}
