import { type LookupAddress, type LookupAllOptions, type LookupOneOptions, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

type Answer = { error: NodeJS.ErrnoException | null; addresses: LookupAddress[] }

const running = new Map<string, Promise<Answer>>()

/**
 * A host's addresses; whoever asks for the same host meanwhile shares the answer. A resolver that
 * hangs holds a thread of libuv's few: one cluster's names must not take them all.
 */
function addressesOf(host: string): Promise<Answer> {
  const known = running.get(host)
  if (known !== undefined) return known
  const asking = new Promise<Answer>((resolve) => {
    lookup(host, { all: true }, (error, addresses) => {
      running.delete(host)
      resolve({ error, addresses })
    })
  })
  running.set(host, asking)
  return asking
}

/** For `net.connect`, which wants one address or all of them. */
export const lookupOnce: LookupFunction = (host, options, done) => {
  const { all } = options as LookupOneOptions | LookupAllOptions
  void addressesOf(host).then(({ error, addresses }) => {
    const first = addresses?.[0]
    if (error !== null) return done(error, all === true ? [] : '')
    if (all === true) return done(null, addresses)
    done(null, first?.address ?? '', first?.family)
  })
}
