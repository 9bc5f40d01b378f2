// What an Envelope says of the client: principal and address, in Kafka's forms. Pure; used by both of its ends.
import { decodeMessage, encodeMessage } from '../../protocol/message.ts'
import { DefaultPrincipalData } from '../../protocol/messages/data/default-principal-data.ts'

/**
 * What clients ask of the controller: topics, configs, elections, features, unregistration. Everything else
 * that it serves is between brokers and carries its own authority.
 */
export const FORWARDED_APIS: ReadonlySet<number> = new Set([19, 20, 33, 37, 43, 44, 57, 64])

const PRINCIPAL_VERSION = 0

/** `principal` as 'User:name'. Two bytes of version, then DefaultPrincipalData. */
export function encodePrincipal(principal: string): Buffer {
  const colon = principal.indexOf(':')
  const data = {
    type: principal.slice(0, Math.max(0, colon)),
    name: principal.slice(colon + 1),
    tokenAuthenticated: false,
  }
  const version = Buffer.alloc(2)
  version.writeInt16BE(PRINCIPAL_VERSION)
  return Buffer.concat([version, encodeMessage(DefaultPrincipalData, PRINCIPAL_VERSION, data)])
}

/** Throws SchemaError or RangeError on bytes that are no principal. */
export function decodePrincipal(bytes: Buffer): string {
  const version = bytes.readInt16BE(0)
  const { type, name } = decodeMessage(DefaultPrincipalData, version, bytes, 2)
  return `${type}:${name}`
}

/** 4 bytes of an IPv4 address, also where it is written as IPv6; 16 zero bytes for any other. */
export function encodeAddress(address: string): Buffer {
  const parts = address.replace(/^::ffff:/, '').split('.')
  const bytes = parts.map(Number)
  const isIpv4 = bytes.length === 4 && bytes.every((byte) => byte >= 0 && byte <= 255)
  return isIpv4 ? Buffer.from(bytes) : Buffer.alloc(16)
}
