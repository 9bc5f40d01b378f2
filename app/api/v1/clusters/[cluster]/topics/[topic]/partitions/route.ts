import { addPartitionsContract } from '@/contracts/topics.ts'
import { route } from '@/server/http.ts'
import { addPartitions } from '@/server/topics/add-partitions.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: addPartitionsContract, handler: addPartitions })
