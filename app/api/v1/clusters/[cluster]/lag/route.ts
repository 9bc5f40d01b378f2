import { getLagHeatMapContract } from '@/contracts/lag.ts'
import { route } from '@/server/http.ts'
import { getLagHeatMap } from '@/server/lag/heat-map.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getLagHeatMapContract, handler: getLagHeatMap })
