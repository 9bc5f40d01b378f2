import { deleteTopicContract, getTopicContract } from '@/contracts/topics.ts'
import { route } from '@/server/http.ts'
import { deleteTopic } from '@/server/topics/delete.ts'
import { getTopic } from '@/server/topics/get.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getTopicContract, handler: getTopic })
export const DELETE = route({ contract: deleteTopicContract, handler: deleteTopic })
