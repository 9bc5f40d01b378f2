import { killBrokerContract } from '@/contracts/brokers.ts'
import { killBroker } from '@/server/brokers/actions.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: killBrokerContract, handler: killBroker })
