import { ServiceError } from '../errors.ts'
import { unknownEndpoint } from '../http.ts'
import { problemResponse } from '../http-problem.ts'
import { auth } from './auth.ts'
import { assertHostAllowed, assertSameOrigin } from './origin.ts'
import { signInLimit } from './rate-limit.ts'

// Of better-auth's own endpoints only what its clients need for a session; the rest (signing
// up, deleting oneself, …) has no door here.
const OPEN = new Set(['/api/auth/sign-in/email', '/api/auth/sign-out', '/api/auth/get-session'])

async function emailOf(request: Request): Promise<string> {
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => null)
  const email = typeof body === 'object' && body !== null && 'email' in body ? body.email : null
  if (typeof email !== 'string') throw new ServiceError('bad-request', 'email: needed')
  return email.trim().toLowerCase()
}

async function limitedSignIn(request: Request): Promise<Response> {
  const email = await emailOf(request)
  const succeeded = signInLimit().attempt(email, Date.now())
  const response = await (await auth()).handler(request)
  if (response.ok) succeeded()
  return response
}

/** better-auth's handler behind the same host, origin and attempt checks as every route. */
export async function authRequest(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (!OPEN.has(pathname)) return unknownEndpoint(request)
  try {
    assertHostAllowed(request.headers)
    if (request.method !== 'GET') assertSameOrigin(request.headers)
    if (pathname.endsWith('/sign-in/email')) return await limitedSignIn(request)
    return await (await auth()).handler(request)
  } catch (cause) {
    return problemResponse(cause)
  }
}
