import { deleteUserContract, updateUserContract } from '@/contracts/users.ts'
import { route } from '@/server/http.ts'
import { deleteUser } from '@/server/users/delete-user.ts'
import { updateUser } from '@/server/users/update-user.ts'

export const dynamic = 'force-dynamic'

export const PATCH = route({ contract: updateUserContract, handler: updateUser })
export const DELETE = route({ contract: deleteUserContract, handler: deleteUser })
