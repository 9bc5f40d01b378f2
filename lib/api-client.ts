import type { Contract, ContractOutput } from '../contracts/define.ts'
import { type Problem, problem } from '../contracts/problem.ts'
import { contractUrl, type PartialRequest } from './api-path.ts'

/** A refusal of the API; `problem.detail` is for people. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(given: Problem) {
    super(given.detail ?? given.title)
    this.name = 'ApiError'
    this.problem = given
  }
}

function problemOf(status: number, body: unknown): Problem {
  const parsed = problem.safeParse(body)
  if (parsed.success) return parsed.data
  return { type: 'about:blank', title: `HTTP ${status}`, status, code: 'internal' }
}

/** Calls an endpoint from the browser with its cookie; throws ApiError on a refusal. */
export async function callApi<C extends Contract>(
  contract: C,
  request: PartialRequest<C> & { signal?: AbortSignal } = {},
): Promise<ContractOutput<C>> {
  const hasBody = contract.method === 'POST' || contract.method === 'PATCH'
  const response = await fetch(contractUrl(contract, request), {
    method: contract.method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...(hasBody && { 'content-type': 'application/json' }) },
    ...(hasBody && { body: JSON.stringify(request.body ?? {}) }),
    ...(request.signal && { signal: request.signal }),
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new ApiError(problemOf(response.status, body))
  // Safe because the route validated it against the same contract in development and tests.
  return body as ContractOutput<C>
}
