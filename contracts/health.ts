import { z } from 'zod'
import { type ContractOutput, defineContract } from './define.ts'

export const getHealthContract = defineContract({
  id: 'getHealth',
  method: 'GET',
  path: '/api/health',
  access: 'open',
  tag: 'System',
  summary: 'Whether the console answers; no detail',
  response: z.object({ status: z.literal('ok') }),
})
export type Health = ContractOutput<typeof getHealthContract>

export const getOpenApiContract = defineContract({
  id: 'getOpenApi',
  method: 'GET',
  path: '/api/openapi.json',
  access: 'viewer',
  tag: 'System',
  summary: 'This document',
  response: z.record(z.string(), z.unknown()),
})
