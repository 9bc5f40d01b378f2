import { testClusterContract } from '@/contracts/cluster-definitions.ts'
import { testCluster } from '@/server/clusters/test-connection.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: testClusterContract, handler: testCluster })
