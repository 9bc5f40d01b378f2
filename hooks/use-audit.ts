'use client'

import type { z } from 'zod'
import { listAuditContract } from '../contracts/audit.ts'
import { keys } from './query-keys.ts'
import { useApiQuery } from './use-api-query.ts'

export const useAudit = (query: z.input<typeof listAuditContract.query>) =>
  useApiQuery({
    queryKey: keys.audit(query),
    contract: listAuditContract,
    request: () => ({ query }),
    poll: 'live',
  })
