import { resetOffsetsContract } from '@/contracts/groups.ts'
import { resetOffsets } from '@/server/groups/reset-offsets.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: resetOffsetsContract, handler: resetOffsets })
