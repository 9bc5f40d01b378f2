import type { z } from 'zod'
import type {
  ClusterColor,
  ClusterDefinition,
  createClusterContract,
  SecretName,
} from '../../contracts/cluster-definitions.ts'

type ClusterBody = z.input<typeof createClusterContract.body>
export type SaslChoice = 'none' | 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'
export type MetricsChoice = 'none' | 'jolokia' | 'prometheus'

/** What stands in the form's fields. Secrets are empty until somebody types one. */
export type Draft = {
  name: string
  color: ClusterColor | null
  isProduction: boolean
  bootstrap: string
  isTls: boolean
  verify: 'full' | 'chain'
  ca: string
  certificate: string
  serverName: string
  sasl: SaslChoice
  username: string
  tokenFrom: 'client' | 'given'
  tokenUrl: string
  clientId: string
  scope: string
  extensions: string
  metrics: MetricsChoice
  metricsUrl: string
  metricsUsername: string
  secrets: Record<SecretName, string>
}

const NO_SECRETS: Draft['secrets'] = {
  tlsKey: '',
  tlsKeyPassphrase: '',
  password: '',
  token: '',
  clientSecret: '',
  metricsPassword: '',
}

export const EMPTY_DRAFT: Draft = {
  name: '',
  color: null,
  isProduction: false,
  bootstrap: '',
  isTls: false,
  verify: 'full',
  ca: '',
  certificate: '',
  serverName: '',
  sasl: 'none',
  username: '',
  tokenFrom: 'client',
  tokenUrl: '',
  clientId: '',
  scope: '',
  extensions: '',
  metrics: 'none',
  metricsUrl: '',
  metricsUsername: '',
  secrets: NO_SECRETS,
}

export const draftOf = (definition: ClusterDefinition): Draft => {
  const { tls, sasl, metrics } = definition
  const oauth = sasl?.mechanism === 'OAUTHBEARER' ? sasl : null
  return {
    ...EMPTY_DRAFT,
    name: definition.name,
    color: definition.color,
    isProduction: definition.isProduction,
    bootstrap: definition.bootstrapServers.join('\n'),
    isTls: tls !== null,
    verify: tls?.verify ?? 'full',
    ca: tls?.ca ?? '',
    certificate: tls?.certificate ?? '',
    serverName: tls?.serverName ?? '',
    sasl: sasl?.mechanism ?? 'none',
    username: sasl !== null && sasl.mechanism !== 'OAUTHBEARER' ? sasl.username : '',
    tokenFrom: oauth !== null && oauth.client === null ? 'given' : 'client',
    tokenUrl: oauth?.client?.tokenUrl ?? '',
    clientId: oauth?.client?.clientId ?? '',
    scope: oauth?.client?.scope ?? '',
    extensions: Object.entries(oauth?.extensions ?? {})
      .map((pair) => pair.join('='))
      .join('\n'),
    metrics: metrics.kind,
    metricsUrl: metrics.kind === 'none' ? '' : metrics.url,
    metricsUsername: metrics.kind === 'none' ? '' : (metrics.username ?? ''),
  }
}

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim())

/** `host:port` by line, comma or blank. */
const serversOf = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '')

const saslOf = (draft: Draft): ClusterBody['sasl'] => {
  if (draft.sasl === 'none') return null
  if (draft.sasl !== 'OAUTHBEARER') return { mechanism: draft.sasl, username: draft.username }
  const { tokenUrl, clientId } = draft
  const scope = orNull(draft.scope)
  const pairs = draft.extensions.split('\n').flatMap((line) => {
    const equals = line.indexOf('=')
    return equals > 0 ? [[line.slice(0, equals).trim(), line.slice(equals + 1).trim()]] : []
  })
  return {
    mechanism: 'OAUTHBEARER',
    client: draft.tokenFrom === 'given' ? null : { tokenUrl, clientId, scope },
    extensions: Object.fromEntries(pairs),
  }
}

/** What the API is asked to keep; secrets that were not typed are left out, so that they stay. */
export const bodyOf = (draft: Draft): ClusterBody => {
  const { name, color, isProduction, verify } = draft
  const typed = Object.entries(draft.secrets).filter(([, text]) => text !== '')
  return {
    name,
    color,
    isProduction,
    bootstrapServers: serversOf(draft.bootstrap),
    tls: draft.isTls
      ? {
          verify,
          ca: orNull(draft.ca),
          certificate: orNull(draft.certificate),
          serverName: orNull(draft.serverName),
        }
      : null,
    sasl: saslOf(draft),
    metrics:
      draft.metrics === 'none'
        ? { kind: 'none' }
        : {
            kind: draft.metrics,
            url: draft.metricsUrl.trim(),
            username: orNull(draft.metricsUsername),
          },
    secrets: Object.fromEntries(typed),
  }
}
