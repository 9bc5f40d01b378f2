import { deleteLayoutContract, getLayoutContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { deleteLayout, getLayout } from '@/server/metrics/layouts.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getLayoutContract, handler: getLayout })
export const DELETE = route({ contract: deleteLayoutContract, handler: deleteLayout })
