import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { SaslHandshake } from '../../protocol/schemas/17-sasl-handshake.ts'
import { SaslAuthenticate } from '../../protocol/schemas/36-sasl-authenticate.ts'
import type { Authenticate, Exchange } from './connection.ts'
import { ScramClient, type ScramHash } from './scram.ts'
import { messageOf, WireError } from './wire-error.ts'

type Credentials =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  | {
      readonly mechanism: 'OAUTHBEARER'
      readonly token: () => Promise<string>
      readonly extensions: Readonly<Record<string, string>>
    }

/** One message to the broker, its answer back. Throws WireError `sasl` when it is refused. */
type Step = (message: Buffer) => Promise<Buffer>

/**
 * Handshake and authentication on one connection (KIP-43, KIP-152); gives the session's lifetime in
 * milliseconds, 0 where it has none (KIP-368). Throws WireError `sasl` for what was refused.
 */
export function saslAuthenticator(credentials: Credentials): Authenticate {
  return async (exchange) => {
    await handshake(exchange, credentials.mechanism)
    let sessionLifetimeMs = 0
    const step: Step = async (authBytes) => {
      const answer = await exchange(SaslAuthenticate, { authBytes })
      if (answer.errorCode !== ErrorCode.NONE) {
        throw new WireError('sasl', answer.errorMessage || errorName(answer.errorCode))
      }
      sessionLifetimeMs = answer.sessionLifetimeMs
      return answer.authBytes
    }
    await present(credentials, step)
    return sessionLifetimeMs
  }
}

async function handshake(exchange: Exchange, mechanism: string): Promise<void> {
  const answer = await exchange(SaslHandshake, { mechanism })
  if (answer.errorCode === ErrorCode.UNSUPPORTED_SASL_MECHANISM) {
    const offered = answer.mechanisms.join(', ') || 'none'
    throw new WireError('sasl', `the broker does not offer ${mechanism}; it offers ${offered}`)
  }
  if (answer.errorCode !== ErrorCode.NONE) {
    throw new WireError('sasl', `SaslHandshake: ${errorName(answer.errorCode)}`)
  }
}

async function present(credentials: Credentials, step: Step): Promise<void> {
  switch (credentials.mechanism) {
    case 'PLAIN': {
      const { username, password } = credentials
      await step(Buffer.from(`\0${username}\0${password}`))
      return
    }
    case 'OAUTHBEARER':
      return presentToken(await credentials.token(), credentials.extensions, step)
    default:
      return presentScram(
        new ScramClient({
          hash: hashOf(credentials.mechanism),
          username: credentials.username,
          password: credentials.password,
        }),
        step,
      )
  }
}

function hashOf(mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'): ScramHash {
  return mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
}

async function presentScram(client: ScramClient, step: Step): Promise<void> {
  const serverFirst = await step(client.firstMessage())
  let final: Buffer
  try {
    final = await client.finalMessage(serverFirst.toString())
  } catch (cause) {
    throw new WireError('sasl', `SCRAM: ${messageOf(cause)}`, { cause })
  }
  const serverFinal = await step(final)
  if (!client.isServerVerified(serverFinal.toString())) {
    throw new WireError('sasl', 'SCRAM: the broker does not know the password it should check')
  }
}

/** RFC 7628. A refusal comes as JSON first; the broker names its reason once that is answered. */
async function presentToken(
  token: string,
  extensions: Readonly<Record<string, string>>,
  step: Step,
): Promise<void> {
  const parts = Object.entries(extensions).map(([name, value]) => `${name}=${value}\x01`)
  const answer = await step(Buffer.from(`n,,\x01auth=Bearer ${token}\x01${parts.join('')}\x01`))
  if (answer.length === 0) return
  await step(Buffer.from('\x01'))
  throw new WireError('sasl', `the token was refused: ${answer.toString().slice(0, 300)}`)
}
