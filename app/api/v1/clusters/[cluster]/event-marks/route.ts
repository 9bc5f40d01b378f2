import { listEventMarksContract } from '@/contracts/events.ts'
import { listEventMarks } from '@/server/events/marks.ts'
import { route } from '@/server/http.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listEventMarksContract, handler: listEventMarks })
