import { getTopicConfigsContract, patchTopicConfigsContract } from '@/contracts/configs.ts'
import { getTopicConfigs } from '@/server/configs/get-topic.ts'
import { patchTopicConfigs } from '@/server/configs/patch-topic.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getTopicConfigsContract, handler: getTopicConfigs })
export const PATCH = route({ contract: patchTopicConfigsContract, handler: patchTopicConfigs })
