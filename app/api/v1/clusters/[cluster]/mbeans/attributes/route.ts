import { readMbeanContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { readMbean } from '@/server/metrics/mbeans.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: readMbeanContract, handler: readMbean })
