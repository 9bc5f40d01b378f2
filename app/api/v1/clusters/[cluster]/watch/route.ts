import { watchClusterContract } from '@/contracts/clusters.ts'
import { watchCluster } from '@/server/clusters/watch.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: watchClusterContract, handler: watchCluster })
