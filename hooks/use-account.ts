'use client'

import { focusManager, useMutation, useQueryClient } from '@tanstack/react-query'
import type { z } from 'zod'
import {
  changePasswordContract,
  completeSetupContract,
  getAccountContract,
  getSetupContract,
  signInContract,
  signOutContract,
  signOutEverywhereContract,
} from '../contracts/account.ts'
import type { ContractOutput } from '../contracts/define.ts'
import { type ApiError, callApi } from '../lib/api-client.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'
import { useAt } from './use-at.ts'

export const useAccount = () =>
  useApiQuery({
    queryKey: keys.account,
    contract: getAccountContract,
    request: () => ({}),
    poll: 'once',
  })

export const useHasAdministratorRole = (): boolean => useAccount().data?.role === 'administrator'

/** May act on what the page shows: not on a cluster as it was. */
export const useIsAdministrator = (): boolean => {
  const isAdministrator = useHasAdministratorRole()
  const { atMs } = useAt()
  return isAdministrator && atMs === null
}

export const useSignIn = () =>
  useApiMutation({
    contract: signInContract,
    request: (body: z.input<typeof signInContract.body>) => ({ body }),
  })

export const useSignOut = () => {
  const client = useQueryClient()
  const mutation = useApiMutation({ contract: signOutContract, request: (_: null) => ({}) })
  return { ...mutation, clearCache: () => client.clear() }
}

/**
 * The answer brings a new cookie and the old one ends before: what the page asked meanwhile would be refused, and
 * would send its reader to sign in. So it looks away until the answer is there.
 */
export const useChangePassword = () => {
  const client = useQueryClient()
  type Body = z.input<typeof changePasswordContract.body>
  return useMutation<ContractOutput<typeof changePasswordContract>, ApiError, Body>({
    mutationFn: async (body) => {
      focusManager.setFocused(false)
      try {
        await client.cancelQueries()
        return await callApi(changePasswordContract, { body })
      } finally {
        focusManager.setFocused(undefined)
      }
    },
  })
}

export const useSignOutEverywhere = () =>
  useApiMutation({ contract: signOutEverywhereContract, request: (_: null) => ({}) })

export const useSetup = (token: string) =>
  useApiQuery({
    queryKey: keys.setup(token),
    contract: getSetupContract,
    request: () => ({ query: { token } }),
    poll: 'once',
  })

export const useCompleteSetup = () =>
  useApiMutation({
    contract: completeSetupContract,
    request: (body: z.input<typeof completeSetupContract.body>) => ({ body }),
  })
