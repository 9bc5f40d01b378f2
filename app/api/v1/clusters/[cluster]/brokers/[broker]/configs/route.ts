import { getBrokerConfigsContract, patchBrokerConfigsContract } from '@/contracts/configs.ts'
import { getBrokerConfigs } from '@/server/configs/get-broker.ts'
import { patchBrokerConfigs } from '@/server/configs/patch-broker.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: getBrokerConfigsContract, handler: getBrokerConfigs })
export const PATCH = route({ contract: patchBrokerConfigsContract, handler: patchBrokerConfigs })
