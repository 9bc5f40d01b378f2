import { createTopicContract, listTopicsContract } from '@/contracts/topics.ts'
import { route } from '@/server/http.ts'
import { createTopic } from '@/server/topics/create.ts'
import { listTopics } from '@/server/topics/list.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listTopicsContract, handler: listTopics })
export const POST = route({ contract: createTopicContract, handler: createTopic })
