import { unpinAttributeContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { unpinAttribute } from '@/server/metrics/pins.ts'

export const dynamic = 'force-dynamic'

export const DELETE = route({ contract: unpinAttributeContract, handler: unpinAttribute })
