import { z } from 'zod'
import { clusterParams } from './common.ts'
import { type ContractInput, defineContract } from './define.ts'

export const sampleState = z.object({
  /** `absent`: neither traffic nor its topics; `unavailable`: not for this cluster. */
  state: z.enum(['running', 'stopped', 'absent', 'starting', 'removing', 'unavailable']),
  topics: z.array(z.string()),
  groups: z.array(z.string()),
  error: z.string().nullable(),
})
export type SampleState = z.infer<typeof sampleState>

export const getSampleContract = defineContract({
  id: 'getSample',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/sample',
  access: 'viewer',
  tag: 'Sample traffic',
  summary: 'Whether sample traffic runs',
  params: clusterParams,
  response: sampleState,
})
export type GetSampleInput = ContractInput<typeof getSampleContract>

export const switchSampleContract = defineContract({
  id: 'switchSample',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/sample',
  access: 'administrator',
  tag: 'Sample traffic',
  summary: 'Start sample traffic, stop it, or remove it with its topics and groups',
  params: clusterParams,
  body: z.strictObject({ action: z.enum(['start', 'stop', 'remove']) }),
  response: sampleState,
})
export type SwitchSampleInput = ContractInput<typeof switchSampleContract>
