import { changePasswordContract } from '@/contracts/account.ts'
import { route } from '@/server/http.ts'
import { changePassword } from '@/server/users/account.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: changePasswordContract, handler: changePassword })
