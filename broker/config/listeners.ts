// Reads the address lists of server.properties: listeners, the protocol map, the quorum's voters. Pure;
// `fail` reports a bad one at its line and does not return.
import type { ListenerConfig, VoterConfig } from '../config.ts'

type Fail = (reason: string) => never

const LISTENER = /^([^:/]+):\/\/(?:\[([0-9a-fA-F:.%]+)\]|([^:]*)):(\d+)$/

/** `NAME://host:port`, names upper-cased as Kafka does; each name and each port but 0 once. */
export function parseListeners(items: readonly string[], fail: Fail): ListenerConfig[] {
  const listeners = items.map((item) => {
    const match = LISTENER.exec(item)
    if (!match) return fail(`Unable to parse ${item} to a broker endpoint`)
    const port = Number(match[4])
    if (port > 65_535) return fail(`${item} has no such port`)
    return { name: (match[1] ?? '').toUpperCase(), host: match[2] ?? match[3] ?? '', port }
  })
  const names = new Set(listeners.map(({ name }) => name))
  if (names.size !== listeners.length) {
    return fail(`Each listener must have a different name, listeners: ${items.join(',')}`)
  }
  const bound = listeners.filter(({ port }) => port !== 0).map(({ port }) => port)
  if (new Set(bound).size !== bound.length) {
    return fail(`Each listener must have a different port, listeners: ${items.join(',')}`)
  }
  return listeners
}

/** `NAME:PROTOCOL,…`. */
export function parseProtocolMap(text: string, fail: Fail): ReadonlyMap<string, string> {
  const protocols = new Map<string, string>()
  for (const item of text.split(',')) {
    if (item.trim() === '') continue
    const [name, protocol] = item.split(':').map((part) => part.trim().toUpperCase())
    if (!name || !protocol) return fail(`${item} is not of the form NAME:PROTOCOL`)
    protocols.set(name, protocol)
  }
  return protocols
}

const VOTER = /^(\d+)@(?:\[([0-9a-fA-F:.%]+)\]|([^:]+)):(\d+)$/

/** `id@host:port`, each id once. */
export function parseVoters(items: readonly string[], fail: Fail): VoterConfig[] {
  const voters = items.map((item) => {
    const match = VOTER.exec(item)
    if (!match) return fail(`${item} is not of the form id@host:port`)
    return { id: Number(match[1]), host: match[2] ?? match[3] ?? '', port: Number(match[4]) }
  })
  if (new Set(voters.map(({ id }) => id)).size !== voters.length) {
    return fail('names a voter twice')
  }
  return voters
}

const ADDRESS = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:]+)):(\d+)$/

/** `host:port`. */
export function parseBootstrapServers(
  items: readonly string[],
  fail: Fail,
): { host: string; port: number }[] {
  return items.map((item) => {
    const match = ADDRESS.exec(item)
    if (!match) return fail(`${item} is not of the form host:port`)
    return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) }
  })
}
