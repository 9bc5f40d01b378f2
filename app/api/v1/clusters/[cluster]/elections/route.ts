import { electLeadersContract } from '@/contracts/elections.ts'
import { electLeaders } from '@/server/elections/elect-leaders.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: electLeadersContract, handler: electLeaders })
