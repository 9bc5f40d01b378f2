import { pauseBrokerContract } from '@/contracts/brokers.ts'
import { pauseBroker } from '@/server/brokers/actions.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: pauseBrokerContract, handler: pauseBroker })
