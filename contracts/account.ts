import { z } from 'zod'
import { okResponse } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'
import { email, password, role } from './users.ts'

/** Of the caller: `id` is null for the API token. */
export const account = z.object({
  id: z.string().nullable(),
  email: z.string(),
  name: z.string(),
  role,
})
export type Account = z.infer<typeof account>

export const getAccountContract = defineContract({
  id: 'getAccount',
  method: 'GET',
  path: '/api/v1/account',
  access: 'viewer',
  tag: 'Account',
  summary: 'Who is asking',
  response: account,
})

export const signInContract = defineContract({
  id: 'signIn',
  method: 'POST',
  path: '/api/v1/sign-in',
  access: 'open',
  tag: 'Account',
  summary: 'Start a session: sets a cookie',
  body: z.strictObject({ email: z.string().max(254), password: z.string().max(128) }),
  response: account,
  isQuiet: true,
})
export type SignInInput = ContractInput<typeof signInContract>

export const signOutContract = defineContract({
  id: 'signOut',
  method: 'POST',
  path: '/api/v1/sign-out',
  access: 'viewer',
  tag: 'Account',
  summary: 'End this session',
  response: okResponse,
  isQuiet: true,
})

export const changePasswordContract = defineContract({
  id: 'changePassword',
  method: 'POST',
  path: '/api/v1/account/password',
  access: 'viewer',
  tag: 'Account',
  summary: "Change one's own password; other sessions end",
  body: z.strictObject({ currentPassword: z.string().max(128), newPassword: password }),
  response: okResponse,
})
export type ChangePasswordInput = ContractInput<typeof changePasswordContract>

export const signOutEverywhereContract = defineContract({
  id: 'signOutEverywhere',
  method: 'POST',
  path: '/api/v1/account/sign-out-everywhere',
  access: 'viewer',
  tag: 'Account',
  summary: "End all one's sessions, this one included",
  response: okResponse,
})

export const getSetupContract = defineContract({
  id: 'getSetup',
  method: 'GET',
  path: '/api/v1/setup',
  access: 'open',
  tag: 'Account',
  summary: 'Whether a one-time link is good, and whether an administrator exists',
  query: z.object({ token: z.string().max(256).optional() }),
  response: z.object({ isNeeded: z.boolean(), isTokenValid: z.boolean() }),
})
export type SetupState = ContractOutput<typeof getSetupContract>

export const completeSetupContract = defineContract({
  id: 'completeSetup',
  method: 'POST',
  path: '/api/v1/setup',
  access: 'open',
  tag: 'Account',
  summary: 'Create the first administrator with the one-time link; signs in',
  body: z.strictObject({
    token: z.string().max(256),
    email,
    password,
    name: z.string().max(100).default(''),
    startSampleTraffic: z.boolean().default(true),
  }),
  status: 201,
  response: account,
})
export type CompleteSetupInput = ContractInput<typeof completeSetupContract>
