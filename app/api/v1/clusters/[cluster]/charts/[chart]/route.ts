import { queryChartContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { queryChart } from '@/server/metrics/chart-query.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: queryChartContract, handler: queryChart })
