import { purgeTopicContract } from '@/contracts/topics.ts'
import { route } from '@/server/http.ts'
import { purgeTopic } from '@/server/topics/purge.ts'

export const dynamic = 'force-dynamic'

export const POST = route({ contract: purgeTopicContract, handler: purgeTopic })
