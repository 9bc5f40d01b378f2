import { listConfigChangesContract } from '@/contracts/audit.ts'
import { listConfigChanges } from '@/server/audit/config-changes.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listConfigChangesContract, handler: listConfigChanges })
