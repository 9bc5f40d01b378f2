import { pinAttributeContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { pinAttribute } from '@/server/metrics/pins.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: pinAttributeContract, handler: pinAttribute })
