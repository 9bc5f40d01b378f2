import { listRestartsContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { listRestarts } from '@/server/metrics/restarts.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listRestartsContract, handler: listRestarts })
