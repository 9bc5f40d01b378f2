'use client'

import { switchSampleContract } from '../contracts/sample.ts'
import { keys } from './query-keys.ts'
import { useApiMutation } from './use-api-mutation.ts'

export const useSwitchSample = (cluster: string) =>
  useApiMutation({
    contract: switchSampleContract,
    request: (action: 'start' | 'stop' | 'remove') => ({ params: { cluster }, body: { action } }),
    stale: [keys.cluster(cluster)],
  })
