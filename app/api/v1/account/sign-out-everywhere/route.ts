import { signOutEverywhereContract } from '@/contracts/account.ts'
import { route } from '@/server/http.ts'
import { signOutEverywhere } from '@/server/users/account.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: signOutEverywhereContract, handler: signOutEverywhere })
