import { listAuditContract } from '@/contracts/audit.ts'
import { listAudit } from '@/server/audit/list-audit.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listAuditContract, handler: listAudit })
