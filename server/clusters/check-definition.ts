import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { SecretName } from '../../contracts/cluster-definitions.ts'
import { refusal } from '../errors.ts'
import type { Secrets } from '../kafka/security.ts'
import { messageOf } from '../kafka/wire-error.ts'
import { type DefinitionValues, secretsInUse } from './definition-store.ts'

export type GivenSecrets = Readonly<Partial<Record<SecretName, string | null | undefined>>>

/** What is kept: given ones replace stored ones, null removes, and what nothing uses goes. */
export function mergeSecrets(
  values: DefinitionValues,
  stored: Secrets,
  given: GivenSecrets,
): Secrets {
  const merged: Partial<Record<SecretName, string>> = {}
  for (const name of secretsInUse(values)) {
    const text = given[name] === undefined ? stored[name] : given[name]
    if (text !== null && text !== undefined) merged[name] = text
  }
  return merged
}

/** Throws ServiceError `bad-request` for certificates, keys and secrets that cannot work. */
export function checkDefinition(values: DefinitionValues, secrets: Secrets): void {
  for (const name of secretsInUse(values)) {
    // A token endpoint may trust the client without a secret; a metrics agent may, too.
    const isNeeded = name === 'password' || name === 'token' || name === 'tlsKey'
    if (isNeeded && secrets[name] === undefined) refuseMissing(name)
  }
  const { tls } = values
  if (tls === null) return
  if (tls.ca) readCertificates('tls.ca', tls.ca)
  if (!tls.certificate) return
  const key = readPrivateKey(secrets.tlsKey ?? '', secrets.tlsKeyPassphrase)
  const [certificate] = readCertificates('tls.certificate', tls.certificate)
  if (certificate?.checkPrivateKey(key) !== true) throw refusal('private-key-foreign')
}

function refuseMissing(name: SecretName): never {
  const field = `secrets.${name}`
  throw refusal('secret-missing', { field }, { errors: [{ path: field, message: 'missing' }] })
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

function readCertificates(field: string, text: string): X509Certificate[] {
  try {
    const found = text.match(PEM) ?? []
    if (found.length === 0) throw new Error('no BEGIN CERTIFICATE')
    return found.map((pem) => new X509Certificate(pem))
  } catch (cause) {
    const reason = messageOf(cause)
    const errors = [{ path: field, message: reason }]
    throw refusal('certificate-unreadable', { field, reason }, { cause, errors })
  }
}

/** PKCS #8's own heading, and the line that older forms have below theirs. */
const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m

function readPrivateKey(text: string, passphrase: string | undefined): KeyObject {
  const isEncrypted = ENCRYPTED.test(text)
  const path = isEncrypted ? 'secrets.tlsKeyPassphrase' : 'secrets.tlsKey'
  if (isEncrypted && passphrase === undefined) {
    throw refusal('passphrase-missing', {}, { errors: [{ path, message: 'missing' }] })
  }
  try {
    return createPrivateKey(isEncrypted ? { key: text, passphrase } : text)
  } catch (cause) {
    const reason = messageOf(cause)
    const errors = [{ path, message: reason }]
    if (isEncrypted) throw refusal('passphrase-wrong', { reason }, { cause, errors })
    throw refusal('private-key-unreadable', { reason }, { cause, errors })
  }
}
