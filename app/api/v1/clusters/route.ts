import { listClustersContract } from '@/contracts/clusters.ts'
import { listClusters } from '@/server/clusters/list.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listClustersContract, handler: listClusters })
