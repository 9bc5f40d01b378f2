import { getSampleContract, switchSampleContract } from '@/contracts/sample.ts'
import { route } from '@/server/http.ts'
import { getSample } from '@/server/sample/get.ts'
import { switchSample } from '@/server/sample/switch.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getSampleContract, handler: getSample })
export const POST = route({ contract: switchSampleContract, handler: switchSample })
