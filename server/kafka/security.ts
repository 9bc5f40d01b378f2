import type { SaslSettings, SecretName, TlsSettings } from '../../contracts/cluster-definitions.ts'
import type { Authenticate, ConnectionOptions } from './connection.ts'
import { OauthTokens } from './oauth-token.ts'
import { saslAuthenticator } from './sasl.ts'
import { tlsOptionsOf } from './tls.ts'
import { WireError } from './wire-error.ts'

export type Secrets = Readonly<Partial<Record<SecretName, string>>>

/** How to reach a cluster's brokers, with its secrets in clear. */
export interface ClusterSecurity {
  readonly tls: TlsSettings | null
  readonly sasl: SaslSettings | null
  readonly secrets: Secrets
  /** Set where the secrets cannot be unsealed: every connection fails with this sentence. */
  readonly problem: string | null
}

export const PLAINTEXT: ClusterSecurity = { tls: null, sasl: null, secrets: {}, problem: null }

/** What the wire client needs to connect; tokens are fetched once for all of its connections. */
export function connectionOptionsOf(
  security: ClusterSecurity,
): Pick<ConnectionOptions, 'tls' | 'authenticate'> {
  const { tls, sasl, secrets, problem } = security
  if (problem !== null)
    return { authenticate: () => Promise.reject(new WireError('sasl', problem)) }
  return {
    ...(tls !== null && { tls: tlsOptionsOf(tls, secrets) }),
    ...(sasl !== null && { authenticate: authenticatorOf(sasl, secrets) }),
  }
}

function authenticatorOf(sasl: SaslSettings, secrets: Secrets): Authenticate {
  if (sasl.mechanism !== 'OAUTHBEARER') {
    const { mechanism, username } = sasl
    return saslAuthenticator({ mechanism, username, password: secrets.password ?? '' })
  }
  const tokens = new OauthTokens(sasl.client, secrets)
  const { extensions } = sasl
  return saslAuthenticator({ mechanism: 'OAUTHBEARER', token: () => tokens.get(), extensions })
}
