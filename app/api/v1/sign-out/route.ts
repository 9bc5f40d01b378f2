import { signOutContract } from '@/contracts/account.ts'
import { signOut } from '@/server/auth/sign-in.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: signOutContract, handler: signOut })
