import { type ZodObject, z } from 'zod'
import type { Contract, ContractInput } from '../contracts/define.ts'
import { LOCALE_COOKIE, type Locale, pickLocale } from '../i18n/locale.ts'
import { decodeSegment } from '../lib/api-path.ts'
import { refusal, ServiceError } from './errors.ts'
import { badRequest } from './http-problem.ts'

const BODY_BYTES_MAX = 16 * 1024 * 1024

function decodeParam(raw: string): string {
  try {
    const name = decodeSegment(decodeURIComponent(raw))
    if (name !== null) return name
  } catch (cause) {
    throw new ServiceError('bad-request', `the path segment ${raw} is not encoded`, { cause })
  }
  throw new ServiceError('bad-request', `the path segment ${raw} is not base64url after its ~`)
}

/** The parameters of `path` (`/a/{b}`) in `pathname`, decoded. */
export function matchPath(path: string, pathname: string): Record<string, string> {
  const wanted = path.split('/')
  const given = pathname.replace(/\/$/, '').split('/')
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    if (name !== undefined) params[name] = decodeParam(given[index] ?? '')
  }
  return params
}

async function readLimited(request: Request): Promise<string> {
  if (request.body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > BODY_BYTES_MAX) throw refusal('body-too-large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function readBody(request: Request): Promise<unknown> {
  const text = await readLimited(request)
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw refusal('body-not-json', {}, { cause })
  }
}

const issueWords = { en: z.locales.en().localeError, zh: z.locales.zhCN().localeError }

/** As the pages choose it; a program without cookie and Accept-Language reads English. */
function localeOf(headers: Headers): Locale {
  const cookie = new RegExp(`(?:^|; )${LOCALE_COOKIE}=([^;]*)`).exec(headers.get('cookie') ?? '')
  return pickLocale(cookie?.[1], headers.get('accept-language'))
}

function parsePart(schema: ZodObject, given: unknown, locale: Locale): Record<string, unknown> {
  const parsed = schema.safeParse(given, { error: issueWords[locale] })
  if (parsed.success) return parsed.data
  throw badRequest(parsed.error)
}

export interface ParsedRequest<C extends Contract> {
  input: ContractInput<C>
  params: Record<string, unknown>
  body: Record<string, unknown>
}

/** Path, query and body by the contract; throws `bad-request` naming what does not fit. */
export async function parseRequest<C extends Contract>(
  contract: C,
  request: Request,
): Promise<ParsedRequest<C>> {
  const url = new URL(request.url)
  const locale = localeOf(request.headers)
  const params = parsePart(contract.params, matchPath(contract.path, url.pathname), locale)
  const query = parsePart(contract.query, Object.fromEntries(url.searchParams), locale)
  const hasBody = contract.method === 'POST' || contract.method === 'PATCH'
  const body = hasBody ? parsePart(contract.body, await readBody(request), locale) : {}
  // Safe because each part was just parsed by the contract's own schema.
  return { input: { ...params, ...query, ...body } as ContractInput<C>, params, body }
}
