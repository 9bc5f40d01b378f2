import {
  getClusterDefinitionContract,
  removeClusterContract,
  updateClusterContract,
} from '@/contracts/cluster-definitions.ts'
import { getClusterDefinition } from '@/server/clusters/definition.ts'
import { removeCluster } from '@/server/clusters/remove.ts'
import { updateCluster } from '@/server/clusters/update.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({
  contract: getClusterDefinitionContract,
  handler: getClusterDefinition,
})
export const PATCH = route({ contract: updateClusterContract, handler: updateCluster })
export const DELETE = route({ contract: removeClusterContract, handler: removeCluster })
