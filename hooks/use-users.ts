'use client'

import type { z } from 'zod'
import {
  createUserContract,
  deleteUserContract,
  listUsersContract,
  updateUserContract,
} from '../contracts/users.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'
import { useApiQuery } from './use-api-query.ts'

export const useUsers = () =>
  useApiQuery({
    queryKey: keys.users,
    contract: listUsersContract,
    request: () => ({}),
    poll: 'once',
  })

export const useCreateUser = () =>
  useApiMutation({
    contract: createUserContract,
    request: (body: z.input<typeof createUserContract.body>) => ({ body }),
    stale: [keys.users],
  })

export const useUpdateUser = () =>
  useApiMutation({
    contract: updateUserContract,
    request: (given: { user: string; body: z.input<typeof updateUserContract.body> }) => ({
      params: { user: given.user },
      body: given.body,
    }),
    stale: [keys.users],
  })

export const useDeleteUser = () =>
  useApiMutation({
    contract: deleteUserContract,
    request: (user: string) => ({ params: { user } }),
    stale: [keys.users],
  })
