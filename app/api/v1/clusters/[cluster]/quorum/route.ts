import { getQuorumContract } from '@/contracts/quorum.ts'
import { route } from '@/server/http.ts'
import { getQuorum } from '@/server/quorum/get.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getQuorumContract, handler: getQuorum })
