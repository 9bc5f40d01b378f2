import { getAccountContract } from '@/contracts/account.ts'
import { route } from '@/server/http.ts'
import { getAccount } from '@/server/users/account.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getAccountContract, handler: getAccount })
