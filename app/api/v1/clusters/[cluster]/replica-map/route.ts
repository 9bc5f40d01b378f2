import { getReplicaMapContract } from '@/contracts/replica-map.ts'
import { route } from '@/server/http.ts'
import { getReplicaMap } from '@/server/topics/replica-map.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getReplicaMapContract, handler: getReplicaMap })
