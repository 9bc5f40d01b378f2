import type { Contract, ContractRequest } from '../contracts/define.ts'

const PLAIN_SEGMENT = /^[^~/\\%\p{Cc}][^/\\%\p{Cc}]*$/u

/**
 * A name as one path segment: percent-encoded, or `~` and the base64url of its UTF-8 where a
 * path cannot carry it (slash, backslash, percent, control characters, `.`, `..`, empty, or a
 * leading `~`).
 */
export function encodeSegment(name: string): string {
  if (PLAIN_SEGMENT.test(name) && name !== '.' && name !== '..') return encodeURIComponent(name)
  const bytes = new TextEncoder().encode(name)
  const base64 = btoa(String.fromCharCode(...bytes))
  return `~${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** `segment`: already percent-decoded. Null when the `~` form does not hold UTF-8. */
export function decodeSegment(segment: string): string | null {
  if (!segment.startsWith('~')) return segment
  const base64url = segment.slice(1)
  if (!/^[A-Za-z0-9_-]*$/.test(base64url)) return null
  try {
    const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

export type PartialRequest<C extends Contract> = Partial<ContractRequest<C>>

type Values = Record<string, unknown>

/** The address of an endpoint, for fetch, EventSource or a link. */
export function contractUrl<C extends Contract>(
  contract: C,
  request: Pick<PartialRequest<C>, 'params' | 'query'>,
): string {
  const params = (request.params ?? {}) as Values
  const path = contract.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${contract.id} needs the parameter ${name}`)
    return encodeSegment(String(value))
  })
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries((request.query ?? {}) as Values)) {
    if (value === undefined || value === null) continue
    search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Names as the `names=` and `in=` queries carry them. */
export function joinNames(names: readonly string[]): string {
  return names.map(encodeURIComponent).join(',')
}
