// Brokers as processes under chaos: each in a network namespace and on a small file system of its own where root
// allows, on loopback and in a plain directory elsewhere. Ends all it made, however the run ends.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const IDS = [1, 2, 3] as const
const CLIENT_PORT = 9092
const CONTROLLER_PORT = 9192
const DISK_MB = 192
/** On loopback each broker has ports of its own. */
const PORTS_APART = 10
const CLUSTER_ID = 'AAAAAAAAQACAAAAAAAAAAA'

export interface Site {
  id: number
  host: string
  port: number
  controllerPort: number
  directory: string
}

export interface Means {
  /** Network namespaces can be had. */
  hasNetwork: boolean
  /** Small file systems can be mounted. */
  hasDisks: boolean
}

const quietly = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export class ChaosBrokers {
  readonly sites: readonly Site[]
  readonly means: Means
  readonly #directory: string
  /** Unlike that of any other run on this machine. */
  readonly #tag: string
  readonly #subnet: string
  readonly #children = new Map<number, ChildProcess>()
  readonly #paused = new Set<number>()
  /** Processes that ended by themselves: with a full disk that is their right. */
  readonly unexpectedEnds: string[] = []
  #mayEnd = new Set<number>()

  constructor(directory: string, firstPort: number) {
    this.#directory = directory
    this.#tag = `ey${process.pid % 100_000}`
    this.#subnet = `10.${200 + (process.pid % 50)}.${(process.pid >> 6) % 250}`
    mkdirSync(directory, { recursive: true })
    this.means = { hasNetwork: this.#makeNetwork(), hasDisks: false }
    this.sites = IDS.map((id) => this.#site(id, firstPort))
    this.means.hasDisks = this.sites.every((site) => this.#makeDisk(site))
    for (const site of this.sites) this.#writeProperties(site)
  }

  get bootstrap(): string {
    return this.sites.map(({ host, port }) => `${host}:${port}`).join(',')
  }

  #site(id: number, firstPort: number): Site {
    const { hasNetwork } = this.means
    const apart = hasNetwork ? 0 : (id - 1) * PORTS_APART
    return {
      id,
      host: hasNetwork ? `${this.#subnet}.${10 + id}` : '127.0.0.1',
      port: hasNetwork ? CLIENT_PORT : firstPort + apart,
      controllerPort: hasNetwork ? CONTROLLER_PORT : firstPort + apart + 1,
      directory: join(this.#directory, String(id)),
    }
  }

  #namespace(id: number): string {
    return `${this.#tag}n${id}`
  }

  /** One bridge, one cable to each broker; what pulls a cable is at the bridge's end of it. */
  #makeNetwork(): boolean {
    const ip = (...args: string[]) => quietly('ip', ...args)
    const bridge = `${this.#tag}b`
    if (!ip('link', 'add', bridge, 'type', 'bridge')) return false
    let isMade =
      ip('addr', 'add', `${this.#subnet}.1/24`, 'dev', bridge) && ip('link', 'set', bridge, 'up')
    for (const id of IDS) {
      const space = this.#namespace(id)
      const inside = `${this.#tag}i${id}`
      const cable = this.#cable(id)
      isMade &&=
        ip('netns', 'add', space) &&
        ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', inside) &&
        ip('link', 'set', inside, 'netns', space) &&
        ip('link', 'set', cable, 'master', bridge) &&
        ip('link', 'set', cable, 'up') &&
        ip('-n', space, 'addr', 'add', `${this.#subnet}.${10 + id}/24`, 'dev', inside) &&
        ip('-n', space, 'link', 'set', inside, 'up') &&
        ip('-n', space, 'link', 'set', 'lo', 'up')
    }
    if (!isMade) this.#removeNetwork()
    return isMade
  }

  #cable(id: number): string {
    return `${this.#tag}c${id}`
  }

  #removeNetwork(): void {
    for (const id of IDS) {
      quietly('ip', 'link', 'del', this.#cable(id))
      quietly('ip', 'netns', 'del', this.#namespace(id))
    }
    quietly('ip', 'link', 'del', `${this.#tag}b`)
  }

  #makeDisk(site: Site): boolean {
    mkdirSync(join(site.directory, 'data'), { recursive: true })
    const target = join(site.directory, 'data')
    return quietly('mount', '-t', 'tmpfs', '-o', `size=${DISK_MB}m`, `eyrie-${site.id}`, target)
  }

  #writeProperties(site: Site): void {
    const voters = this.sites.map((s) => `${s.id}@${s.host}:${s.controllerPort}`).join(',')
    const lines = [
      'process.roles=broker,controller',
      `node.id=${site.id}`,
      `listeners=PLAINTEXT://${site.host}:${site.port},CONTROLLER://${site.host}:${site.controllerPort}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      `controller.quorum.voters=${voters}`,
      `log.dirs=${join(site.directory, 'data')}`,
      'default.replication.factor=3',
      'min.insync.replicas=2',
      'offsets.topic.replication.factor=3',
      'offsets.topic.num.partitions=4',
      'transaction.state.log.replication.factor=3',
      'transaction.state.log.min.isr=2',
      'transaction.state.log.num.partitions=4',
      'group.initial.rebalance.delay.ms=0',
      `eyrie.cluster.id=${CLUSTER_ID}`,
      'eyrie.jolokia.port=-1',
    ]
    writeFileSync(join(site.directory, 'server.properties'), `${lines.join('\n')}\n`)
  }

  isRunning(id: number): boolean {
    const child = this.#children.get(id)
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  start(id: number): void {
    if (this.isRunning(id)) return
    const site = this.#siteOf(id)
    const broker = [
      '--enable-source-maps',
      'dist/broker.mjs',
      join(site.directory, 'server.properties'),
    ]
    const space = ['netns', 'exec', this.#namespace(id), process.execPath, ...broker]
    const log = openSync(join(site.directory, 'server.log'), 'a')
    const child = this.means.hasNetwork
      ? spawn('ip', space, { stdio: ['ignore', log, log] })
      : spawn(process.execPath, broker, { stdio: ['ignore', log, log] })
    closeSync(log)
    this.#children.set(id, child)
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL' || this.#mayEnd.has(id)) return
      this.unexpectedEnds.push(`broker ${id} ended with ${code ?? signal}`)
    })
  }

  /** Resolves when it has ended: until then it could not be started. */
  kill(id: number): Promise<void> {
    this.#paused.delete(id)
    const child = this.#children.get(id)
    if (child === undefined || !this.isRunning(id)) return Promise.resolve()
    return new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  }

  pause(id: number): void {
    if (this.isRunning(id)) this.#paused.add(id)
    this.#children.get(id)?.kill('SIGSTOP')
  }

  resume(id: number): void {
    if (this.#paused.delete(id)) this.#children.get(id)?.kill('SIGCONT')
  }

  /** A controlled restart: SIGTERM, waited for by `start` in the caller's time. */
  stop(id: number): Promise<void> {
    const child = this.#children.get(id)
    if (child === undefined || !this.isRunning(id)) return Promise.resolve()
    this.#mayEnd.add(id)
    return new Promise((resolve) => {
      child.on('exit', () => {
        this.#mayEnd.delete(id)
        resolve()
      })
      child.kill('SIGTERM')
    })
  }

  pullCable(id: number): void {
    quietly('ip', 'link', 'set', this.#cable(id), 'down')
  }

  plugCable(id: number): void {
    quietly('ip', 'link', 'set', this.#cable(id), 'up')
  }

  /** `from` can send nothing more to `to`; what `to` sends still comes. */
  cutOneWay(from: number, to: number): void {
    const { host } = this.#siteOf(to)
    quietly('ip', '-n', this.#namespace(from), 'route', 'add', 'blackhole', `${host}/32`)
  }

  mendOneWay(from: number, to: number): void {
    const { host } = this.#siteOf(to)
    quietly('ip', '-n', this.#namespace(from), 'route', 'del', 'blackhole', `${host}/32`)
  }

  fillDisk(id: number): void {
    this.#mayEnd.add(id)
    const filler = join(this.#siteOf(id).directory, 'data', '.filler')
    quietly('dd', 'if=/dev/zero', `of=${filler}`, 'bs=64k')
  }

  emptyDisk(id: number): void {
    unlinkSync(join(this.#siteOf(id).directory, 'data', '.filler'))
  }

  /** Its disk is well again and its process new. */
  forgive(id: number): void {
    this.#mayEnd.delete(id)
  }

  #siteOf(id: number): Site {
    const site = this.sites.find((candidate) => candidate.id === id)
    if (site === undefined) throw new Error(`there is no broker ${id}`)
    return site
  }

  /** Everything away: processes, mounts, namespaces, files. */
  async end({ keepFiles }: { keepFiles: boolean }): Promise<void> {
    await Promise.all(
      [...this.#children.values()].map(
        (child) =>
          new Promise<void>((resolve) => {
            if (child.exitCode !== null || child.signalCode !== null) resolve()
            child.on('exit', () => resolve())
            child.kill('SIGKILL')
          }),
      ),
    )
    this.endNow()
    if (!keepFiles) rmSync(this.#directory, { recursive: true, force: true })
  }

  /** The same without waiting, for the end of this process. */
  endNow(): void {
    for (const child of this.#children.values()) child.kill('SIGKILL')
    if (this.means.hasDisks) {
      for (const { directory } of this.sites) quietly('umount', '-l', join(directory, 'data'))
    }
    if (this.means.hasNetwork) this.#removeNetwork()
  }
}
