import { createUserContract, listUsersContract } from '@/contracts/users.ts'
import { route } from '@/server/http.ts'
import { createUser } from '@/server/users/create-user.ts'
import { listUsers } from '@/server/users/list-users.ts'

export const dynamic = 'force-dynamic'

export const GET = route({ contract: listUsersContract, handler: listUsers })
export const POST = route({ contract: createUserContract, handler: createUser })
