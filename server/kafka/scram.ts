import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

export type ScramHash = 'sha256' | 'sha512'

/** A server that asks for fewer would make the password easy to guess (RFC 7677). */
const ITERATIONS_MIN = 4_096
/** One that asks for more would keep this process busy. */
const ITERATIONS_MAX = 2_000_000

const derive = promisify(pbkdf2)

interface ScramOptions {
  readonly hash: ScramHash
  readonly username: string
  readonly password: string
  /** For tests: the RFC's examples have nonces of their own. */
  readonly nonce?: string
}

/** The client's side of SCRAM (RFC 5802) without channel binding, for one exchange. */
export class ScramClient {
  readonly #hash: ScramHash
  readonly #password: string
  readonly #nonce: string
  readonly #firstBare: string
  #serverSignature: Buffer | null = null

  constructor(options: ScramOptions) {
    this.#hash = options.hash
    this.#password = options.password
    this.#nonce = options.nonce ?? randomBytes(24).toString('base64')
    const name = options.username.replaceAll('=', '=3D').replaceAll(',', '=2C')
    this.#firstBare = `n=${name},r=${this.#nonce}`
  }

  firstMessage(): Buffer {
    return Buffer.from(`n,,${this.#firstBare}`)
  }

  /** Throws Error on a server's message that must not be answered. */
  async finalMessage(serverFirst: string): Promise<Buffer> {
    const given = attributesOf(serverFirst)
    const nonce = given.get('r') ?? ''
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) {
      throw new Error(`the broker's answer has not our nonce${reasonOf(given)}`)
    }
    const salt = Buffer.from(given.get('s') ?? '', 'base64')
    const iterations = Number(given.get('i'))
    if (salt.length === 0) throw new Error('the broker gave no salt')
    if (!(iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX)) {
      throw new Error(`${given.get('i')} iterations: outside what is safe`)
    }
    const bytes = this.#hash === 'sha256' ? 32 : 64
    const salted = await derive(this.#password, salt, iterations, bytes, this.#hash)
    const withoutProof = `c=biws,r=${nonce}`
    const signed = `${this.#firstBare},${serverFirst},${withoutProof}`
    const clientKey = this.#hmac(salted, 'Client Key')
    const storedKey = createHash(this.#hash).update(clientKey).digest()
    const signature = this.#hmac(storedKey, signed)
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))
    this.#serverSignature = this.#hmac(this.#hmac(salted, 'Server Key'), signed)
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`)
  }

  /** Whether the server proved that it knows the password's verifier too. */
  isServerVerified(serverFinal: string): boolean {
    const given = Buffer.from(attributesOf(serverFinal).get('v') ?? '', 'base64')
    const expected = this.#serverSignature
    return expected !== null && given.length === expected.length && timingSafeEqual(given, expected)
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.#hash, key).update(text).digest()
  }
}

function attributesOf(message: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const part of message.split(',')) {
    if (part[1] === '=') attributes.set(part.slice(0, 1), part.slice(2))
  }
  return attributes
}

function reasonOf(given: ReadonlyMap<string, string>): string {
  const reason = given.get('e')
  return reason === undefined ? '' : `: ${reason}`
}
