import { refusal } from '../errors.ts'
import { environment } from '../settings/environment.ts'

function nameOfHost(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '')
}

/** Whether a browser may have asked for us by this Host header; refuses DNS rebinding. */
export function isHostAllowed(host: string | null): boolean {
  return host !== null && environment().allowedHosts.has(nameOfHost(host))
}

export function assertHostAllowed(headers: Headers): void {
  const host = headers.get('host')
  if (isHostAllowed(host)) return
  throw refusal('foreign-host', { host: host ?? '(none)' })
}

/**
 * For mutations that a cookie authorises: the page that sent it must be ours. Every browser
 * names its Origin on such requests; a program that sends neither Origin nor Sec-Fetch-Site is
 * no browser, and nobody can make it carry somebody's cookie.
 */
export function assertSameOrigin(headers: Headers): void {
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (origin === null) {
    if (site === null || site === 'same-origin') return
    throw refusal('foreign-site')
  }
  const host = headers.get('host')
  const isOurs =
    URL.canParse(origin) && new URL(origin).host === host?.toLowerCase() && isHostAllowed(host)
  if (!isOurs) throw refusal('foreign-origin', { origin })
}
