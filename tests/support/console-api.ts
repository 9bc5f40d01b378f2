// The console's routes in this process, called as a browser or a script would call them by HTTP.
import { fileURLToPath } from 'node:url'
import type { Contract, ContractOutput } from '../../contracts/define.ts'
import { contractUrl, type PartialRequest } from '../../lib/api-path.ts'

const api = fileURLToPath(new URL('../../app/api', import.meta.url))
const ORIGIN = 'http://127.0.0.1:3000'

type RouteModule = Partial<Record<string, (request: Request) => Promise<Response>>>

export interface Answer<C extends Contract> {
  status: number
  /** Of a success; a refusal's problem document is in `problem`. */
  json: ContractOutput<C>
  problem: { code: string; detail: string; kafkaError?: string }
  text: string
}

export class RefusedError extends Error {}

async function handlerOf(contract: Contract) {
  const folder = contract.path
    .replace(/^\/api/, '')
    .replaceAll('{', '[')
    .replaceAll('}', ']')
  const module = (await import(/* @vite-ignore */ `${api}${folder}/route.ts`)) as RouteModule
  const handler = module[contract.method]
  if (handler === undefined) throw new Error(`${folder} does not export ${contract.method}`)
  return handler
}

/** `token`: the bearer token. `ask` throws on a refusal, `try` answers it, `open` gives the stream. */
export function createApi(token: string) {
  async function open<C extends Contract>(
    contract: C,
    request: PartialRequest<C> & { signal?: AbortSignal },
  ): Promise<Response> {
    const handler = await handlerOf(contract)
    const hasBody = contract.method === 'POST' || contract.method === 'PATCH'
    return handler(
      new Request(`${ORIGIN}${contractUrl(contract, request)}`, {
        method: contract.method,
        headers: { host: '127.0.0.1:3000', authorization: `Bearer ${token}` },
        ...(hasBody && { body: JSON.stringify(request.body ?? {}) }),
        ...(request.signal && { signal: request.signal }),
      }),
    )
  }
  async function attempt<C extends Contract>(
    contract: C,
    request: PartialRequest<C> = {},
  ): Promise<Answer<C>> {
    const response = await open(contract, request)
    const text = await response.text()
    const json = JSON.parse(text)
    return { status: response.status, json, problem: json, text }
  }
  async function ask<C extends Contract>(
    contract: C,
    request: PartialRequest<C> = {},
  ): Promise<ContractOutput<C>> {
    const { status, json, text } = await attempt(contract, request)
    if (status < 300) return json
    throw new RefusedError(`${contract.id}: ${status} ${text}`)
  }
  return { ask, try: attempt, open }
}

export type ConsoleApi = ReturnType<typeof createApi>
