import { listTopicConfigDefaultsContract } from '@/contracts/configs.ts'
import { listTopicConfigDefaults } from '@/server/configs/topic-defaults.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({
  contract: listTopicConfigDefaultsContract,
  handler: listTopicConfigDefaults,
})
