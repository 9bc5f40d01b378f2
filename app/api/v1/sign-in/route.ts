import { signInContract } from '@/contracts/account.ts'
import { signIn } from '@/server/auth/sign-in.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: signInContract, handler: signIn })
