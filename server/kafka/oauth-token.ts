import { z } from 'zod'
import type { SaslSettings } from '../../contracts/cluster-definitions.ts'
import type { Secrets } from './security.ts'
import { messageOf, WireError } from './wire-error.ts'

type OauthClient = Extract<SaslSettings, { mechanism: 'OAUTHBEARER' }>['client']

const FETCH_TIMEOUT_MS = 5_000
const LIFETIME_WHEN_UNSAID_S = 300
/** A token is renewed when so much of its lifetime has passed. */
const RENEW_AT = 0.8

const answerSchema = z.object({
  access_token: z.string().min(1).max(100_000),
  expires_in: z.coerce.number().positive().optional(),
})

/** Tokens for OAUTHBEARER: one that was given, or fetched by client credentials (RFC 6749, 4.4). */
export class OauthTokens {
  readonly #client: OauthClient
  readonly #secrets: Secrets
  #current: { token: string; untilMs: number } | null = null
  #fetching: Promise<string> | null = null

  constructor(client: OauthClient, secrets: Secrets) {
    this.#client = client
    this.#secrets = secrets
  }

  /** Throws WireError `sasl` when there is no token to be had. */
  get(): Promise<string> {
    if (this.#client === null) return this.#given()
    if (this.#current !== null && Date.now() < this.#current.untilMs) {
      return Promise.resolve(this.#current.token)
    }
    this.#fetching ??= this.#fetch(this.#client).finally(() => {
      this.#fetching = null
    })
    return this.#fetching
  }

  async #given(): Promise<string> {
    const { token } = this.#secrets
    if (token === undefined) throw new WireError('sasl', 'no token is stored')
    return token
  }

  async #fetch(client: NonNullable<OauthClient>): Promise<string> {
    const { tokenUrl, clientId, scope } = client
    const form = new URLSearchParams({ grant_type: 'client_credentials' })
    if (scope) form.set('scope', scope)
    const pair = [clientId, this.#secrets.clientSecret ?? ''].map(encodeURIComponent).join(':')
    let answer: z.output<typeof answerSchema>
    try {
      const response = await fetch(tokenUrl, {
        method: 'POST',
        body: form,
        redirect: 'error',
        headers: {
          accept: 'application/json',
          authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
        },
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`)
      answer = answerSchema.parse(JSON.parse(text))
    } catch (cause) {
      throw new WireError('sasl', `no token from ${tokenUrl}: ${reasonOf(cause)}`, { cause })
    }
    const lifetimeMs = (answer.expires_in ?? LIFETIME_WHEN_UNSAID_S) * 1_000
    this.#current = { token: answer.access_token, untilMs: Date.now() + lifetimeMs * RENEW_AT }
    return answer.access_token
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'its answer has no access_token'
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? messageOf(error) : messageOf(cause)
}
