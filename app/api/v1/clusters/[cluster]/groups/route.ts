import { listGroupsContract } from '@/contracts/groups.ts'
import { listGroups } from '@/server/groups/list.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listGroupsContract, handler: listGroups })
