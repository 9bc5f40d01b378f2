import { stopBrokerContract } from '@/contracts/brokers.ts'
import { stopBroker } from '@/server/brokers/actions.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: stopBrokerContract, handler: stopBroker })
