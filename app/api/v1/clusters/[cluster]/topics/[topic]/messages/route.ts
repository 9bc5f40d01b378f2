import { listMessagesContract, produceMessageContract } from '@/contracts/messages.ts'
import { route } from '@/server/http.ts'
import { listMessages } from '@/server/messages/list.ts'
import { produceMessage } from '@/server/messages/produce.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listMessagesContract, handler: listMessages })
export const POST = route({ contract: produceMessageContract, handler: produceMessage })
