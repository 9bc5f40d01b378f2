import { getOpenApiContract } from '@/contracts/health.ts'
import { route } from '@/server/http.ts'
import { openApiDocument } from '@/server/openapi.ts'

export const dynamic = 'force-dynamic'

export const GET = route({
  contract: getOpenApiContract,
  handler: async () => openApiDocument(),
})
