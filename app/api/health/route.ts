import { getHealthContract } from '@/contracts/health.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({
  contract: getHealthContract,
  handler: async () => ({ status: 'ok' as const }),
})
