import { listEventsContract } from '@/contracts/events.ts'
import { listEvents } from '@/server/events/list.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listEventsContract, handler: listEvents })
