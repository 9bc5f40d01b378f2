// The sole parent of brokers, collector, sample traffic and Next. Brokers run on when the others restart;
// nothing outlives it.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { BrokerProcess } from './broker-process.ts'
import { openControlSocket, parseSignal } from './control-socket.ts'
import {
  type BrokerRecord,
  brokerDirectory,
  type ClusterRecord,
  checkFormat,
  readCluster,
  SupervisorError,
  writeCluster,
} from './layout.ts'
import { acquireLock } from './lock.ts'
import { isVoter, newMember, replicationWithout, voterCount } from './membership.ts'
import type { SupervisorRequest, SupervisorStatus } from './messages.ts'
import { choosePorts } from './ports.ts'
import { serverProperties } from './properties.ts'
import { Service, type ServiceOptions } from './service.ts'

export interface SupervisorOptions {
  root: string
  dataDirectory: string
  clusterDirectory: string
  host: string
  brokerCount: number
  /** broker.rack of each, in order; brokers beyond the list have none. Only at the first start. */
  racks?: readonly string[]
  firstPort: number
  properties: Readonly<Record<string, string>>
  say: (text: string) => void
}

export class Supervisor {
  readonly cluster: ClusterRecord
  readonly #options: SupervisorOptions
  readonly #brokers = new Map<number, BrokerProcess>()
  readonly #services: Service[] = []
  readonly #startedMs = Date.now()
  #release: () => void
  #socket: Server | null = null
  #stopping: Promise<void> | null = null
  #membership: Promise<unknown> = Promise.resolve()
  readonly #ended: Promise<void>
  #end: () => void = () => undefined

  private constructor(options: SupervisorOptions, cluster: ClusterRecord, release: () => void) {
    this.#options = options
    this.cluster = cluster
    this.#release = release
    this.#ended = new Promise((resolve) => {
      this.#end = resolve
    })
    for (const record of cluster.brokers) this.#adopt(record)
  }

  /** Takes the data directory (its lock, its format), recalls or lays out the cluster, opens the socket. */
  static async open(options: SupervisorOptions): Promise<Supervisor> {
    const release = acquireLock(options.dataDirectory)
    try {
      checkFormat(options.dataDirectory)
      const cluster = readCluster(options.clusterDirectory) ?? (await layOut(options))
      const supervisor = new Supervisor(options, cluster, release)
      supervisor.#socket = await openControlSocket(options.dataDirectory, (request) =>
        supervisor.handle(request),
      )
      return supervisor
    } catch (error) {
      release()
      throw error
    }
  }

  get bootstrapServers(): string {
    return this.cluster.brokers.map((b) => `${this.cluster.host}:${b.port}`).join(',')
  }

  /** `1=http://…/jolokia/;2=…`, for the collector. */
  get jolokiaUrls(): string {
    return this.cluster.brokers
      .map((b) => `${b.id}=http://${this.cluster.host}:${b.jolokiaPort}/jolokia/`)
      .join(';')
  }

  /** How the console and its collector find the brokers. */
  get embeddedEnvironment(): Record<string, string> {
    return {
      EYRIE_EMBEDDED_BOOTSTRAP: this.bootstrapServers,
      EYRIE_EMBEDDED_JOLOKIA: this.jolokiaUrls,
    }
  }

  /** Resolves once `shutdown` is through. */
  get ended(): Promise<void> {
    return this.#ended
  }

  async startBrokers(): Promise<void> {
    await Promise.all([...this.#brokers.keys()].map((id) => this.#start(id)))
  }

  /** A child that is restarted with growing pauses when it ends. */
  addService(options: Omit<ServiceOptions, 'root' | 'say'>): Service {
    const { root, say } = this.#options
    const service = new Service({ ...options, root, say })
    this.#services.push(service)
    service.start()
    return service
  }

  #adopt(record: BrokerRecord): void {
    const { clusterDirectory, root } = this.#options
    const { host } = this.cluster
    this.#brokers.set(record.id, new BrokerProcess({ record, clusterDirectory, root, host }))
  }

  /** Known from then on; forgotten again where it does not come up. */
  async #add(wanted: { broker?: number; rack?: string }): Promise<void> {
    const record = await newMember(this.cluster, wanted)
    this.cluster.brokers.push(record)
    this.#adopt(record)
    try {
      await this.#start(record.id)
    } catch (error) {
      await this.#forget(record.id)
      throw error
    }
    writeCluster(this.#options.clusterDirectory, this.cluster)
    await this.#tellServices()
    this.#options.say(`Broker ${record.id} has joined; it listens on ${record.port}`)
  }

  async #remove(id: number, hasLeftQuorum: boolean): Promise<void> {
    if (isVoter(this.#broker(id).record)) {
      if (!hasLeftQuorum) {
        throw new SupervisorError(
          `broker ${id} votes in the metadata quorum: it must leave that first`,
        )
      }
      this.cluster.replication = replicationWithout(this.cluster, id)
    }
    await this.#forget(id)
    await this.#tellServices()
    this.#options.say(`Broker ${id} has been removed`)
  }

  async #tellServices(): Promise<void> {
    const variables = this.embeddedEnvironment
    await Promise.all(this.#services.map((service) => service.changeEnvironment(variables)))
  }

  async #forget(id: number): Promise<void> {
    await this.#broker(id).stop()
    this.#brokers.delete(id)
    this.cluster.brokers = this.cluster.brokers.filter((broker) => broker.id !== id)
    const { clusterDirectory } = this.#options
    writeCluster(clusterDirectory, this.cluster)
    rmSync(brokerDirectory(clusterDirectory, id), { recursive: true, force: true })
  }

  #broker(id: number): BrokerProcess {
    const broker = this.#brokers.get(id)
    if (broker !== undefined) return broker
    throw new SupervisorError(`there is no broker ${id}; there are ${[...this.#brokers.keys()]}`)
  }

  async #start(id: number): Promise<void> {
    const broker = this.#broker(id)
    const { clusterDirectory } = this.#options
    await broker.start(serverProperties(clusterDirectory, this.cluster, broker.record))
  }

  status(): SupervisorStatus {
    return {
      pid: process.pid,
      startedMs: this.#startedMs,
      clusterId: this.cluster.clusterId,
      host: this.cluster.host,
      brokers: [...this.#brokers.values()].map((broker) => broker.status()),
      processes: this.#services.map((service) => service.status()),
    }
  }

  async handle(request: SupervisorRequest): Promise<SupervisorStatus> {
    switch (request.verb) {
      case 'status':
        break
      case 'start':
        await this.#start(request.broker)
        break
      case 'add':
        await this.#inTurn(() => this.#add(request))
        break
      case 'remove':
        await this.#inTurn(() => this.#remove(request.broker, request.hasLeftQuorum === true))
        break
      case 'stop':
        await this.#broker(request.broker).stop()
        break
      case 'pause':
        await this.#broker(request.broker).kill('SIGSTOP')
        break
      case 'kill':
        await this.#broker(request.broker).kill(parseSignal(request.signal ?? 'KILL'))
        break
      case 'shutdown':
        await this.#stopChildren()
        setImmediate(() => void this.shutdown())
        break
    }
    return this.status()
  }

  /** Joining and leaving, one at a time: both choose from what is there. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#membership.then(() => {
      if (this.#stopping !== null) throw new SupervisorError('the supervisor is stopping')
      return change()
    })
    this.#membership = turn.catch(() => undefined)
    return turn
  }

  async #stopChildren(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop()))
    await Promise.all([...this.#brokers.values()].map((broker) => broker.stop()))
  }

  /** Ends all children, brokers in a controlled way, then gives the directory back. Once. */
  shutdown(): Promise<void> {
    this.#stopping ??= this.#shutdown()
    return this.#stopping
  }

  async #shutdown(): Promise<void> {
    await this.#stopChildren()
    await new Promise<void>((resolve) => {
      if (this.#socket === null) resolve()
      else this.#socket.close(() => resolve())
    })
    this.#release()
    this.#end()
  }

  /** On a second Ctrl-C. */
  killAll(): void {
    for (const service of this.#services) service.kill()
    for (const broker of this.#brokers.values()) void broker.kill('SIGKILL').catch(() => undefined)
    this.#release()
  }
}

function randomClusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}

/** First start: a cluster id, node ids from 1, and ports that stay. */
async function layOut(options: SupervisorOptions): Promise<ClusterRecord> {
  const { host, firstPort, brokerCount, say } = options
  const brokers = await choosePorts({ host, firstPort, count: brokerCount, firstId: 1 })
  for (const [index, broker] of brokers.entries()) {
    if (broker.port !== firstPort + index) {
      say(`Port ${firstPort + index} is taken: broker ${broker.id} listens on ${broker.port}`)
    }
  }
  const voters = voterCount(brokerCount)
  const members = brokers.map((broker, index) => {
    const rack = options.racks?.[index]
    return {
      ...broker,
      ...(rack === undefined ? {} : { rack }),
      ...(index < voters ? {} : { isVoter: false }),
    }
  })
  const properties = { ...options.properties }
  const cluster = { clusterId: randomClusterId(), host, brokers: members, properties }
  writeCluster(options.clusterDirectory, cluster)
  return cluster
}
