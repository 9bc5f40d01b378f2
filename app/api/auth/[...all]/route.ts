import { authRequest } from '@/server/auth/auth-request.ts'

export const dynamic = 'force-dynamic'

export const GET = authRequest
export const POST = authRequest
