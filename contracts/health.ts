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
