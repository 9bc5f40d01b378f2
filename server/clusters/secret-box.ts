import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto'
import { secretFile } from '../auth/secret.ts'
import { environment } from '../settings/environment.ts'

/** What was sealed cannot be opened: another key, another owner, or a byte that changed. */
export class SealError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SealError'
  }
}

const FORMAT = 'v1'
const IV_BYTES = 12
const KEY_BYTES = 32

/**
 * AES-256-GCM. `v1.key id.nonce.tag.text`, the last three in base64url; the key id tells a changed
 * key from a damaged text. `owner` is bound to the text: a row's secrets are of no use in another.
 */
export class SecretBox {
  readonly #key: Buffer
  readonly #keyId: string

  /** `key`: 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key
    this.#keyId = createHash('sha256').update('key id').update(key).digest('hex').slice(0, 12)
  }

  seal(text: string, owner: string): string {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(owner))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    const parts = [iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))
    return [FORMAT, this.#keyId, ...parts].join('.')
  }

  /** Throws SealError. */
  open(sealed: string, owner: string): string {
    const [format, keyId, iv = '', tag = '', text = ''] = sealed.split('.')
    if (format !== FORMAT) throw new SealError('sealed in a format that is not known')
    if (keyId !== this.#keyId) throw new SealError('sealed with another key')
    try {
      const bytes = (part: string): Buffer => Buffer.from(part, 'base64url')
      const options = { authTagLength: 16 }
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes(iv), options)
      decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes(tag))
      return Buffer.concat([decipher.update(bytes(text)), decipher.final()]).toString('utf8')
    } catch {
      throw new SealError('damaged, or of another cluster')
    }
  }
}

/** From EYRIE_SECRET, else from a 0600 file of the data directory, made on the first call. */
export function keyOf(secret: string | null, dataDir: string): Buffer {
  const text = secret ?? secretFile(dataDir, 'cluster-secret')
  return scryptSync(text, 'eyrie: secrets of clusters', KEY_BYTES)
}

let current: SecretBox | null = null

/** Of this process. */
export function secretBox(): SecretBox {
  const { secret, dataDir } = environment()
  current ??= new SecretBox(keyOf(secret, dataDir))
  return current
}
