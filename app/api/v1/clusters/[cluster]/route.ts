import { getClusterContract } from '@/contracts/clusters.ts'
import { getCluster } from '@/server/clusters/get.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getClusterContract, handler: getCluster })
