import { startBrokerContract } from '@/contracts/brokers.ts'
import { startBroker } from '@/server/brokers/actions.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: startBrokerContract, handler: startBroker })
