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

type ApiRequest<C extends Contract> = PartialRequest<C> & { signal?: AbortSignal }

async function send<C extends Contract>(contract: C, request: ApiRequest<C>): Promise<Response> {
  const hasBody = contract.method === 'POST' || contract.method === 'PATCH'
  const accept = contract.media === 'sse' ? 'text/event-stream' : 'application/json'
  const response = await fetch(contractUrl(contract, request), {
    method: contract.method,
    credentials: 'same-origin',
    headers: { accept, ...(hasBody && { 'content-type': 'application/json' }) },
    ...(hasBody && { body: JSON.stringify(request.body ?? {}) }),
    ...(request.signal && { signal: request.signal }),
  })
  if (response.ok) return response
  throw new ApiError(problemOf(response.status, await response.json().catch(() => null)))
}

/** Calls an endpoint from the browser with its cookie; throws ApiError on a refusal. */
export async function callApi<C extends Contract>(
  contract: C,
  request: ApiRequest<C> = {},
): Promise<ContractOutput<C>> {
  const response = await send(contract, request)
  const body: unknown = await response.json().catch(() => null)
  // Safe because the route validated it against the same contract in development and tests.
  return body as ContractOutput<C>
}

/**
 * The events of an endpoint that EventSource cannot call, as they come, until it has no more. Throws
 * ApiError on a refusal, and what fetch throws when `signal` ends or the connection breaks.
 */
export async function* callEvents<C extends Contract>(
  contract: C,
  request: ApiRequest<C> = {},
): AsyncGenerator<ContractOutput<C>> {
  const { body } = await send(contract, request)
  if (body === null) return
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = `${text}${value}`.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        if (!block.startsWith('data: ')) continue
        // Safe because the route speaks the same contract.
        yield JSON.parse(block.slice('data: '.length)) as ContractOutput<C>
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
