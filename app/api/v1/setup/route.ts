import { completeSetupContract, getSetupContract } from '@/contracts/account.ts'
import { completeSetup, getSetup } from '@/server/auth/setup.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getSetupContract, handler: getSetup })
export const POST = route({ contract: completeSetupContract, handler: completeSetup })
