import { searchMbeansContract } from '@/contracts/charts.ts'
import { route } from '@/server/http.ts'
import { searchMbeans } from '@/server/metrics/mbeans.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: searchMbeansContract, handler: searchMbeans })
