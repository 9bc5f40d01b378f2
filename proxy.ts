import { type NextRequest, NextResponse } from 'next/server'
import { identify } from './server/auth/identify.ts'
import { assertHostAllowed } from './server/auth/origin.ts'
import { isSetupNeeded } from './server/auth/setup-link.ts'
import { problemResponse } from './server/http-problem.ts'

const OPEN_PAGES = new Set(['/sign-in', '/setup'])

async function isSignedIn(headers: Headers): Promise<boolean> {
  try {
    return (await identify(headers)) !== null
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'ServiceError') return false
    throw cause
  }
}

function signInAddress(request: NextRequest): URL {
  const { pathname, search } = request.nextUrl
  const address = new URL('/sign-in', request.nextUrl)
  if (pathname !== '/') address.searchParams.set('next', `${pathname}${search}`)
  return address
}

/** Pages: the right host name, and a session but for the two that lead to one. */
export async function proxy(request: NextRequest): Promise<Response> {
  try {
    assertHostAllowed(request.headers)
    const { pathname } = request.nextUrl
    // Routes authorise themselves, by contract.
    if (pathname === '/api' || pathname.startsWith('/api/')) return NextResponse.next()
    if (OPEN_PAGES.has(pathname) || (await isSignedIn(request.headers))) return NextResponse.next()
    if (await isSetupNeeded()) return NextResponse.redirect(new URL('/setup', request.nextUrl))
    return NextResponse.redirect(signInAddress(request))
  } catch (cause) {
    return problemResponse(cause)
  }
}

// Scripts, styles, fonts and icons are the same for everybody, and the sign-in page needs them.
export const config = {
  matcher: ['/((?!_next/static|_next/image|favicon.ico|icon.svg|robots.txt).*)'],
}
