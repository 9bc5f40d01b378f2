import { deleteGroupContract, getGroupContract } from '@/contracts/groups.ts'
import { deleteGroup } from '@/server/groups/delete.ts'
import { getGroup } from '@/server/groups/get.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getGroupContract, handler: getGroup })
export const DELETE = route({ contract: deleteGroupContract, handler: deleteGroup })
