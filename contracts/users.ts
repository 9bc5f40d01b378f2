import { z } from 'zod'
import { listOf, okResponse, timeMs } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const role = z.enum(['viewer', 'administrator'])
export type Role = z.infer<typeof role>

export const email = z.email().max(254).toLowerCase()
export const password = z.string().min(10).max(128)

export const user = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role,
  createdAt: timeMs,
  lastSeenAt: timeMs.nullable(),
})
export type User = z.infer<typeof user>

const userParams = z.object({ user: z.string().min(1).max(64) })

export const listUsersContract = defineContract({
  id: 'listUsers',
  method: 'GET',
  path: '/api/v1/users',
  access: 'administrator',
  tag: 'Users',
  summary: 'All users',
  response: listOf(user),
})
export type ListUsersOutput = ContractOutput<typeof listUsersContract>

export const createUserContract = defineContract({
  id: 'createUser',
  method: 'POST',
  path: '/api/v1/users',
  access: 'administrator',
  tag: 'Users',
  summary: 'Add a user',
  body: z.strictObject({ email, password, name: z.string().max(100).default(''), role }),
  status: 201,
  response: user,
})
export type CreateUserInput = ContractInput<typeof createUserContract>

export const updateUserContract = defineContract({
  id: 'updateUser',
  method: 'PATCH',
  path: '/api/v1/users/{user}',
  access: 'administrator',
  tag: 'Users',
  summary: "Change a user's role or name, or set a new password",
  params: userParams,
  body: z.strictObject({
    role: role.optional(),
    name: z.string().max(100).optional(),
    password: password.optional(),
  }),
  response: user,
})
export type UpdateUserInput = ContractInput<typeof updateUserContract>

export const deleteUserContract = defineContract({
  id: 'deleteUser',
  method: 'DELETE',
  path: '/api/v1/users/{user}',
  access: 'administrator',
  tag: 'Users',
  summary: 'Remove a user; the last administrator stays',
  params: userParams,
  response: okResponse,
})
export type DeleteUserInput = ContractInput<typeof deleteUserContract>
