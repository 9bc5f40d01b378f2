import { getGroupLagContract } from '@/contracts/groups.ts'
import { getGroupLag } from '@/server/groups/lag.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getGroupLagContract, handler: getGroupLag })
