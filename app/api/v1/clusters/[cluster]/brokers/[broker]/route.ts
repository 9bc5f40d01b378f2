import { getBrokerContract } from '@/contracts/brokers.ts'
import { getBroker } from '@/server/brokers/get.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getBrokerContract, handler: getBroker })
