import { listLayoutsContract, saveLayoutContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { listLayouts, saveLayout } from '@/server/metrics/layouts.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listLayoutsContract, handler: listLayouts })
export const POST = route({ contract: saveLayoutContract, handler: saveLayout })
