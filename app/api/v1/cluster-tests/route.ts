import { testClusterContract } from '@/contracts/cluster-definitions.ts'
import { testCluster } from '@/server/clusters/test-connection.ts'
import { eventRoute } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const POST = eventRoute({ contract: testClusterContract, handler: testCluster })
