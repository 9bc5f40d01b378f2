import { getOverviewContract } from '@/contracts/overview.ts'
import { getOverview } from '@/server/clusters/overview.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getOverviewContract, handler: getOverview })
