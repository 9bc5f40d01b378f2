// Ports of loopback for servers of a test.
import { createServer } from 'node:net'

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Given by this process, taken only later. */
const given = new Set<number>()
/** Test files run two at a time: each looks for ports on a side of its own. */
const side = 10_000 * (Number(process.env.VITEST_POOL_ID ?? 0) % 2)

/** Below the ephemeral range, so that no client's own port gets in between; the next few are free too. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 10_000 + side + Math.floor(Math.random() * 9_000)
    const wanted = [0, 1, 2, 100, 101, 102, 200, 201, 202, 500, 501, 502, 1000].map((n) => port + n)
    if (wanted.some((one) => given.has(one))) continue
    for (const one of wanted) given.add(one)
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return port
  }
  throw new Error('no free ports')
}
