// Free ports, looked for once: what is chosen at the first start is kept.
import { createServer } from 'node:net'
import { type BrokerRecord, SupervisorError } from './layout.ts'

export const CONTROLLER_PORT_OFFSET = 100
export const JOLOKIA_PORT_OFFSET = 200
const TRIES = 1000

export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/**
 * Ports for brokers 1 to `count`, from `firstPort` up; a taken one moves to the next free one.
 * The controller listens at +100 and Jolokia at +200, so all three must be free.
 */
export async function choosePorts(options: {
  host: string
  firstPort: number
  count: number
  firstId: number
  taken?: ReadonlySet<number>
}): Promise<BrokerRecord[]> {
  const taken = new Set(options.taken)
  const brokers: BrokerRecord[] = []
  let port = options.firstPort
  for (let tries = 0; brokers.length < options.count; tries++, port++) {
    if (tries > TRIES) throw new SupervisorError(`no free ports from ${options.firstPort} on`)
    const wanted = [port, port + CONTROLLER_PORT_OFFSET, port + JOLOKIA_PORT_OFFSET]
    if (wanted.some((candidate) => candidate > 65535)) {
      throw new SupervisorError(`no free ports from ${options.firstPort} on`)
    }
    if (wanted.some((candidate) => taken.has(candidate))) continue
    const free = await Promise.all(wanted.map((candidate) => isPortFree(options.host, candidate)))
    if (free.includes(false)) continue
    for (const candidate of wanted) taken.add(candidate)
    brokers.push({
      id: options.firstId + brokers.length,
      port,
      controllerPort: port + CONTROLLER_PORT_OFFSET,
      jolokiaPort: port + JOLOKIA_PORT_OFFSET,
    })
  }
  return brokers
}
