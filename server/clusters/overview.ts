import type { GetOverviewInput, Overview } from '../../contracts/overview.ts'
import type { ServiceContext } from '../context.ts'
import { ServiceError } from '../errors.ts'

export async function getOverview(_: {
  ctx: ServiceContext
  input: GetOverviewInput
}): Promise<Overview> {
  throw new ServiceError('unsupported', 'getOverview is not written yet')
}
