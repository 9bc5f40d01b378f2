import { listChartsContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { listCharts } from '@/server/metrics/chart-query.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listChartsContract, handler: listCharts })
