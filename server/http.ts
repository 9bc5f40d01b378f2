import type { Contract, ContractInput, ContractOutput } from '../contracts/define.ts'
import { redact } from './audit/redact.ts'
import { writeAudit } from './audit/write-audit.ts'
import { type Identity, identify } from './auth/identify.ts'
import { assertHostAllowed, assertSameOrigin } from './auth/origin.ts'
import { ensureClusters } from './clusters/definition-store.ts'
import type { Actor, ServiceContext } from './context.ts'
import { refusal } from './errors.ts'
import { eventResponse } from './http-events.ts'
import { type ParsedRequest, parseRequest } from './http-parse.ts'
import { issuesOf, problemResponse } from './http-problem.ts'

export interface RouteCall<C extends Contract> {
  ctx: ServiceContext
  input: ContractInput<C>
  requestHeaders: Headers
  /** Of the answer, for cookies. */
  responseHeaders: Headers
}

type Handler<C extends Contract> = (call: RouteCall<C>) => Promise<ContractOutput<C>>
/** What it throws before it has anything to iterate over is a problem, not an event. */
type EventHandler<C extends Contract> = (
  call: RouteCall<C>,
) => AsyncIterable<ContractOutput<C>> | Promise<AsyncIterable<ContractOutput<C>>>
type RouteFunction = (request: Request) => Promise<Response>

// Only completing the set-up is both open and audited.
const nobody: Actor = { kind: 'user', userId: null, name: 'one-time-link', role: 'viewer' }

function isMutation(contract: Contract): boolean {
  return contract.method !== 'GET'
}

function authorise(contract: Contract, identity: Identity | null, headers: Headers): Actor {
  // Signing in by cross-site form would put somebody into a foreign account: open ones too.
  if (isMutation(contract) && identity?.by !== 'token') assertSameOrigin(headers)
  if (contract.access === 'open') return identity?.actor ?? nobody
  if (identity === null) throw refusal('no-session')
  if (contract.access === 'administrator' && identity.actor.role !== 'administrator')
    throw refusal('needs-administrator')
  return identity.actor
}

interface Opened<C extends Contract> {
  call: RouteCall<C>
  parsed: ParsedRequest<C>
  notes: Record<string, unknown>
}

async function open<C extends Contract>(contract: C, request: Request): Promise<Opened<C>> {
  assertHostAllowed(request.headers)
  // An open route serves whoever comes, an outdated cookie included.
  const identity = contract.access === 'open' ? null : await identify(request.headers)
  const actor = authorise(contract, identity, request.headers)
  if (contract.access !== 'open') await ensureClusters(Date.now())
  const parsed = await parseRequest(contract, request)
  const notes: Record<string, unknown> = {}
  const ctx: ServiceContext = {
    actor,
    signal: request.signal,
    nowMs: () => Date.now(),
    note: (detail) => void Object.assign(notes, detail),
  }
  const { input } = parsed
  const call = { ctx, input, requestHeaders: request.headers, responseHeaders: new Headers() }
  return { call, parsed, notes }
}

const SUBJECTS = ['topic', 'group', 'broker', 'user'] as const

function subjectOf(
  contract: Contract,
  parsed: ParsedRequest<Contract>,
  notes: Record<string, unknown>,
) {
  for (const subjectType of SUBJECTS) {
    const name = parsed.params[subjectType]
    if (name === undefined) continue
    // An id tells nobody who it was, once the user is gone.
    const shown = subjectType === 'user' ? (notes.email ?? name) : name
    return { subjectType, subject: String(shown) }
  }
  if (contract.id === 'createTopic')
    return { subjectType: 'topic', subject: String(parsed.body.name) }
  if (contract.id === 'createUser')
    return { subjectType: 'user', subject: String(parsed.body.email) }
  return {}
}

async function audit<C extends Contract>(
  contract: C,
  { call, parsed, notes }: Opened<C>,
  failure: unknown,
): Promise<void> {
  if (!isMutation(contract) || contract.isQuiet || parsed.body.dryRun === true) return
  const cluster = parsed.params.cluster ?? notes.cluster
  await writeAudit({
    ctx: call.ctx,
    entry: {
      action: contract.id,
      cluster: typeof cluster === 'string' ? cluster : null,
      ...subjectOf(contract, parsed, notes),
      detail: redact({ ...parsed.body, ...notes }),
      error: failure === null ? null : failure instanceof Error ? failure.message : String(failure),
    },
  })
}

/** In development and tests an answer that breaks its contract is an error, not a surprise. */
function checkOutput(contract: Contract, output: unknown): void {
  if (process.env.NODE_ENV === 'production') return
  const parsed = contract.response.safeParse(output)
  if (parsed.success) return
  const text = JSON.stringify(issuesOf(parsed.error).slice(0, 10))
  throw new Error(`the answer of ${contract.id} breaks its contract: ${text}`)
}

async function handle<C extends Contract>(
  contract: C,
  handler: Handler<C>,
  opened: Opened<C>,
): Promise<ContractOutput<C>> {
  let output: ContractOutput<C>
  try {
    output = await handler(opened.call)
  } catch (cause) {
    await audit(contract, opened, cause)
    throw cause
  }
  await audit(contract, opened, null)
  return output
}

/**
 * One endpoint: host, session or token, role, origin, contract, service, audit entry, answer; a
 * refusal at any step is a problem document.
 */
export function route<C extends Contract>({
  contract,
  handler,
}: {
  contract: C
  handler: Handler<C>
}): RouteFunction {
  return async (request) => {
    try {
      const opened = await open(contract, request)
      const output = await handle(contract, handler, opened)
      checkOutput(contract, output)
      const headers = opened.call.responseHeaders
      headers.set('content-type', 'application/json')
      headers.set('cache-control', 'no-store')
      return new Response(JSON.stringify(output), { status: contract.status, headers })
    } catch (cause) {
      return problemResponse(cause)
    }
  }
}

/** An endpoint that answers with server-sent events until the browser goes away. */
export function eventRoute<C extends Contract>({
  contract,
  handler,
}: {
  contract: C
  handler: EventHandler<C>
}): RouteFunction {
  return async (request) => {
    try {
      const { call } = await open(contract, request)
      return await eventResponse(
        (signal) => handler({ ...call, ctx: { ...call.ctx, signal } }),
        request,
      )
    } catch (cause) {
      return problemResponse(cause)
    }
  }
}

/** Every other address below /api: nobody learns which there are without signing in. */
export async function unknownEndpoint(request: Request): Promise<Response> {
  try {
    assertHostAllowed(request.headers)
    if ((await identify(request.headers)) === null) throw refusal('no-session')
    throw refusal('endpoint-unknown')
  } catch (cause) {
    return problemResponse(cause)
  }
}
