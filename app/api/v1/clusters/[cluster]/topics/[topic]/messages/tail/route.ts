import { tailMessagesContract } from '@/contracts/messages.ts'
import { eventRoute } from '@/server/http.ts'
import { tailMessages } from '@/server/messages/tail.ts'

export const dynamic = 'force-dynamic'

export const GET = eventRoute({ contract: tailMessagesContract, handler: tailMessages })
