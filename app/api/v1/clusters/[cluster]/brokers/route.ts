import { listBrokersContract } from '@/contracts/brokers.ts'
import { listBrokers } from '@/server/brokers/list.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listBrokersContract, handler: listBrokers })
