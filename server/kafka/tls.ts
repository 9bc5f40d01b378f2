import { isIP } from 'node:net'
import type { ConnectionOptions as TlsConnectionOptions } from 'node:tls'
import type { TlsSettings } from '../../contracts/cluster-definitions.ts'
import type { Secrets } from './security.ts'

/** Node's options but for the host, which differs from broker to broker. */
export function tlsOptionsOf(tls: TlsSettings, secrets: Secrets): TlsConnectionOptions {
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(isGiven(tls.ca) && { ca: tls.ca }),
    ...(isGiven(tls.certificate) && { cert: tls.certificate }),
    ...(isGiven(secrets.tlsKey) && { key: secrets.tlsKey }),
    ...(isGiven(secrets.tlsKeyPassphrase) && { passphrase: secrets.tlsKeyPassphrase }),
    ...(isGiven(tls.serverName) && { servername: tls.serverName }),
    // The chain is still checked; only the name in the certificate may be any.
    ...(tls.verify === 'chain' && { checkServerIdentity: () => undefined }),
  }
}

/** SNI carries names alone: an address is left out of it, and the certificate checked against it. */
export function serverNameOf(options: TlsConnectionOptions, host: string): string | undefined {
  if (options.servername !== undefined) return options.servername
  return isIP(host) === 0 ? host : undefined
}

function isGiven(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && text.trim() !== ''
}
