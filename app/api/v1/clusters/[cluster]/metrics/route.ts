import { queryMetricsContract } from '@/contracts/metrics.ts'
import { route } from '@/server/http.ts'
import { queryMetrics } from '@/server/metrics/query.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: queryMetricsContract, handler: queryMetrics })
