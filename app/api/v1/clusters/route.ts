import { createClusterContract } from '@/contracts/cluster-definitions.ts'
import { listClustersContract } from '@/contracts/clusters.ts'
import { createCluster } from '@/server/clusters/create.ts'
import { listClusters } from '@/server/clusters/list.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listClustersContract, handler: listClusters })
export const POST = route({ contract: createClusterContract, handler: createCluster })
