import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type {
  ClusterTestResult,
  TestAdvice,
  TestStep,
} from '../../contracts/cluster-definitions.ts'
import { Connection, type ConnectionOptions, type Endpoint } from '../kafka/connection.ts'
import { messageOf, WireError } from '../kafka/wire-error.ts'

type Options = Omit<ConnectionOptions, 'clientId' | 'onStep'>

const DNS_TIMEOUT_MS = 4_000

/** Milliseconds from this call on, whole. */
export function sinceStart(): () => number {
  const startedMs = Date.now()
  return () => Date.now() - startedMs
}

/** In this order. */
export function endpointSteps(options: Pick<Options, 'tls' | 'authenticate'>): TestStep[] {
  return [
    ...(['dns', 'tcp'] as const),
    ...(options.tls === undefined ? [] : (['tls'] as const)),
    'api-versions',
    ...(options.authenticate === undefined ? [] : (['sasl'] as const)),
  ]
}

/** All steps up to a connection that may be used, on one server; whether there is one then. */
export async function testEndpoint(
  endpoint: Endpoint,
  options: Options,
  say: (result: ClusterTestResult) => void,
): Promise<boolean> {
  const target = `${endpoint.host}:${endpoint.port}`
  const steps = endpointSteps(options)
  let done = 0
  let spent = sinceStart()
  const add = (outcome: ClusterTestResult['outcome'], rest: Partial<ClusterTestResult>): void => {
    const step = steps[done]
    if (step === undefined) return
    done++
    const item = { step, target, outcome, values: {}, error: null, advice: null }
    say({ ...item, ...rest, durationMs: spent() })
    spent = sinceStart()
  }
  try {
    add('ok', { values: { address: await resolveHost(endpoint.host) } })
    const onStep: ConnectionOptions['onStep'] = (_, values) => add('ok', { values })
    const given = { ...options, clientId: 'eyrie-console-test', onStep }
    const connection = await Connection.open(endpoint, given)
    connection.close()
    return true
  } catch (error) {
    const failure = whatFailed(error)
    const isMute = failure.advice === 'not-kafka' || failure.advice === 'broker-silent'
    const isFirstWord = options.tls === undefined && steps[done] === 'api-versions'
    // A listener with TLS answers plain words with an alert, or hangs up.
    const hangsUp = isMute && isFirstWord && !isTimeout(error)
    add('failed', { ...failure, ...(hangsUp && { advice: 'tls-needed' as const }) })
    while (done < steps.length) add('skipped', {})
    return false
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof WireError && error.failure === 'timeout'
}

async function resolveHost(host: string): Promise<string> {
  if (isIP(host) !== 0) return host
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`${host}: no answer from the resolver`)
    timer = setTimeout(() => reject(Object.assign(error, { code: 'ETIMEOUT' })), DNS_TIMEOUT_MS)
  })
  try {
    const found = await Promise.race([lookup(host, { all: true }), late])
    return found.map(({ address }) => address).join(', ')
  } finally {
    clearTimeout(timer)
  }
}

/** What the other side said, and what can be done about it. */
export function whatFailed(error: unknown): { error: string; advice: TestAdvice | null } {
  return { error: messageOf(error), advice: adviceFor(error) }
}

function adviceFor(error: unknown): TestAdvice | null {
  const code = codeOf(error)
  if (/^(ENOTFOUND|EAI_AGAIN|ETIMEOUT|ENODATA)$/.test(code)) return 'dns-unknown'
  if (!(error instanceof WireError)) return null
  switch (error.failure) {
    case 'unreachable':
      return code === 'ECONNREFUSED' ? 'tcp-refused' : 'tcp-silent'
    case 'tls':
      return tlsAdvice(code, error.message)
    case 'sasl':
      return saslAdvice(error.message)
    case 'protocol':
      return 'not-kafka'
    case 'closed':
      // TLS 1.3 tells of a missing client certificate only after the handshake.
      return /certificate/i.test(error.message) ? 'tls-client-certificate' : 'broker-silent'
    case 'timeout':
      return 'broker-silent'
    default:
      return null
  }
}

function codeOf(error: unknown): string {
  const cause = error instanceof WireError ? error.cause : error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}

const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED|UNABLE_TO_GET_ISSUER/

function tlsAdvice(code: string, message: string): TestAdvice {
  if (UNTRUSTED.test(code)) return 'tls-untrusted'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'tls-name'
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'tls-expired'
  if (/alert.*certificate|certificate required/i.test(message)) return 'tls-client-certificate'
  if (/WRONG_VERSION|PACKET_LENGTH|ECONNRESET|EPROTO/.test(code)) return 'tls-not-spoken'
  return /ended the connection|given time/.test(message) ? 'tls-not-spoken' : 'tls-other'
}

function saslAdvice(message: string): TestAdvice {
  if (message.includes('does not offer')) return 'sasl-mechanism'
  return message.startsWith('no token') ? 'sasl-token' : 'sasl-refused'
}
