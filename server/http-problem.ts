import { randomUUID } from 'node:crypto'
import { ZodError, type z } from 'zod'
import type { Problem, ProblemCode } from '../contracts/problem.ts'
import en from '../messages/en.json' with { type: 'json' }
import { problemStatus, refusal, ServiceError } from './errors.ts'

const titles: Readonly<Record<ProblemCode, string>> = en.problem.title

export function issuesOf(error: ZodError): { path: string; message: string }[] {
  return error.issues.map((issue: z.core.$ZodIssue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }))
}

function toServiceError(cause: unknown): ServiceError | null {
  if (cause instanceof ServiceError) return cause
  // A bundle may hold its own copy of the class.
  if (cause instanceof Error && cause.name === 'ServiceError') return cause as ServiceError
  if (cause instanceof Error && cause.name === 'AbortError')
    return refusal('gave-up', {}, { cause })
  return null
}

function documentOf(error: ServiceError, instance: string | undefined): Problem {
  return {
    type: `urn:eyrie:problem:${error.reason ?? error.code}`,
    title: titles[error.code],
    status: problemStatus[error.code],
    detail: error.message,
    code: error.code,
    ...(instance !== undefined && { instance }),
    ...(error.values !== undefined && { values: error.values }),
    ...(error.kafkaError !== undefined && { kafkaError: error.kafkaError }),
    ...(error.errors !== undefined && { errors: [...error.errors] }),
  }
}

function headersOf(error: ServiceError): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(error.code === 'unauthenticated' && { 'www-authenticate': 'Bearer' }),
    ...(error.retryAfterMs !== undefined && {
      'retry-after': String(Math.ceil(error.retryAfterMs / 1000)),
    }),
  }
}

/**
 * The RFC 9457 answer to whatever was thrown. What is no ServiceError is logged here, once, under
 * the `instance` that the answer names, and its text stays inside.
 */
export function problemResponse(cause: unknown): Response {
  const known = toServiceError(cause)
  if (known !== null)
    return new Response(JSON.stringify(documentOf(known, undefined)), {
      status: problemStatus[known.code],
      headers: headersOf(known),
    })
  const instance = `urn:uuid:${randomUUID()}`
  console.error(`${instance}:`, cause)
  const hidden = refusal('fault')
  return new Response(JSON.stringify(documentOf(hidden, instance)), {
    status: 500,
    headers: headersOf(hidden),
  })
}

export function badRequest(cause: unknown): ServiceError {
  if (!(cause instanceof ZodError)) return new ServiceError('bad-request', String(cause))
  const errors = issuesOf(cause)
  const first = errors[0]
  const text = first === undefined ? 'the request does not fit' : `${first.path}: ${first.message}`
  return new ServiceError('bad-request', text, { errors, cause })
}
