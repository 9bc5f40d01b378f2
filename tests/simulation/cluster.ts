// The simulated cluster: brokers as they are assembled for real, each on a host of one seeded world. Knows who is
// up, who was called leader of the quorum in which epoch, and whether the ISR is whole.
import { BrokerServer } from '../../broker/broker-server.ts'
import { loadBrokerConfig } from '../../broker/config.ts'
import { Registry } from '../../broker/metrics/registry.ts'
import {
  type CrashOptions,
  createWorld,
  type LogLine,
  SeededRandom,
  type World,
} from '../support/memory-runtime.ts'
import type { Profile } from './profile.ts'

export const CLIENT_PORT = 9092
const CONTROLLER_PORT = 9192
export const hostOf = (id: number): string => `b${id}`
export const idOf = (host: string): number => Number(host.slice(1))
/** More than any disk here holds. */
const UNLIMITED_BYTES = 2 ** 40

export class SimulatedCluster {
  readonly world: World
  readonly profile: Profile
  readonly ids: readonly number[]
  readonly servers = new Map<number, BrokerServer>()
  readonly violations: string[] = []
  readonly transcript: string[] = []
  /** A fault that takes several steps is under way: no other strikes. */
  quietUntilMs = 0
  lastQuorumLeader = ''
  /** Brokers with a failing disk, until they start anew; those that fail as a whole may end by themselves. */
  readonly impaired = new Map<number, { mayGiveUp: boolean }>()
  /** Told when a broker gives up a leader of the quorum, or votes. */
  onNewEpoch: ((host: string) => void) | null = null
  readonly #quorumLeaders = new Map<number, string>()
  readonly #incarnations = new Map<number, number>()

  #areFaultsOver = false

  constructor(seed: number, profile: Profile) {
    this.profile = profile
    this.ids = Array.from({ length: profile.brokers }, (_, i) => i + 1)
    this.world = createWorld({ seed, onLog: (line) => this.#onLog(line) })
    const { name, brokers, clockSkewMs } = profile
    this.say(
      `seed ${seed}: ${name}, ${brokers} brokers, ${Object.entries(profile.properties).join(' ')}`,
    )
    const random = new SeededRandom(`${seed}/clocks`)
    for (const id of this.ids) {
      this.world.skewClock(hostOf(id), random.int(2 * clockSkewMs + 1) - clockSkewMs)
    }
  }

  /** A later step of a fault; it falls away when faults have ended by then, for then all is mended at once. */
  later(delayMs: number, step: () => void): void {
    this.world.at(delayMs, () => {
      if (!this.#areFaultsOver) step()
    })
  }

  /** Ends all faults: brokers run, disks and wires work; clocks stay as they are. */
  endFaults(): void {
    this.say('all faults end')
    this.#areFaultsOver = true
    this.onNewEpoch = null
    this.world.healAll()
    this.world.setLatency(null)
    for (const id of this.ids) {
      this.world.resume(hostOf(id))
      this.world.setDiskLatency(hostOf(id), null)
      // It may serve nothing from a directory that failed, or be about to give up.
      if (this.impaired.has(id) && this.isUp(id)) this.crash(id, { powerLoss: false })
      this.mendDisk(id)
      this.startIfDown(id)
    }
  }

  get areFaultsOver(): boolean {
    return this.#areFaultsOver
  }

  mendDisk(id: number): void {
    const disk = this.world.disk(hostOf(id))
    disk.fault = null
    disk.limitBytes = UNLIMITED_BYTES
  }

  say(text: string): void {
    this.transcript.push(`${(this.world.elapsedMs() / 1000).toFixed(3).padStart(8)} s  ${text}`)
  }

  #onLog(line: LogLine): void {
    if (line.level === 'debug') return
    const fields = Object.entries(line.fields).map(([key, value]) => `${key}=${String(value)}`)
    this.say(`${line.host} ${line.message} ${fields.join(' ')}`)
    if (!line.message.includes('The leader is')) return
    const epoch = Number(line.fields.epoch)
    const leader = String(line.fields.leaderId)
    if (leader === 'unknown') {
      this.onNewEpoch?.(line.host)
      return
    }
    const other = this.#quorumLeaders.get(epoch)
    if (other !== undefined && other !== leader) {
      this.violations.push(`the quorum has two leaders in epoch ${epoch}: ${other} and ${leader}`)
    }
    this.#quorumLeaders.set(epoch, leader)
    this.lastQuorumLeader = leader
  }

  #properties(id: number): string {
    return [
      'process.roles=broker,controller',
      `node.id=${id}`,
      `listeners=PLAINTEXT://${hostOf(id)}:${CLIENT_PORT},CONTROLLER://${hostOf(id)}:${CONTROLLER_PORT}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      `controller.quorum.voters=${this.ids.map((v) => `${v}@${hostOf(v)}:${CONTROLLER_PORT}`).join(',')}`,
      `log.dirs=${this.profile.logDirs.join(',')}`,
      'default.replication.factor=3',
      'min.insync.replicas=2',
      'offsets.topic.num.partitions=2',
      'offsets.topic.replication.factor=3',
      'transaction.state.log.num.partitions=2',
      'transaction.state.log.replication.factor=3',
      'transaction.state.log.min.isr=2',
      'transaction.abort.timed.out.transaction.cleanup.interval.ms=1000',
      // Runs are short: so that what a silent broker held moves on within one.
      'broker.session.timeout.ms=3000',
      'broker.heartbeat.interval.ms=500',
      'log.roll.ms=2000',
      'group.min.session.timeout.ms=1000',
      'group.initial.rebalance.delay.ms=200',
      'replica.lag.time.max.ms=3000',
      'eyrie.cluster.id=AAAAAAAAQACAAAAAAAAAAA',
      ...Object.entries(this.profile.properties).map(([key, value]) => `${key}=${value}`),
    ].join('\n')
  }

  isUp(id: number): boolean {
    return this.servers.has(id)
  }

  /** Starts a broker; what goes wrong before it serves is its process's end, not the simulation's. */
  start(id: number): void {
    const incarnation = (this.#incarnations.get(id) ?? 0) + 1
    this.#incarnations.set(id, incarnation)
    const isCurrent = (): boolean => this.#incarnations.get(id) === incarnation
    const fatal = (error: Error): void => this.#giveUp(id, incarnation, error)
    const runtime = this.world.host(hostOf(id))
    const { config } = loadBrokerConfig('server.properties', this.#properties(id), hostOf(id))
    if (!this.#hasFault(id)) this.impaired.delete(id)
    void BrokerServer.open({ runtime, config, metrics: new Registry(runtime), onFatal: fatal })
      .then(async (server) => {
        if (!isCurrent()) return
        this.servers.set(id, server)
        await server.serve()
      })
      .catch((error: Error) => fatal(error))
  }

  startIfDown(id: number): void {
    if (this.isUp(id) || this.world.isRunning(hostOf(id))) return
    this.say(`start ${id}`)
    this.start(id)
  }

  #hasFault(id: number): boolean {
    const disk = this.world.disk(hostOf(id))
    return disk.fault !== null || disk.limitBytes !== UNLIMITED_BYTES
  }

  /** The process ends by itself, which it may only with a disk that fails. */
  #giveUp(id: number, incarnation: number, error: Error): void {
    if (this.#incarnations.get(id) !== incarnation) return
    if (this.impaired.get(id)?.mayGiveUp !== true) {
      this.violations.push(`broker ${id} cannot go on: ${error.stack}`)
      return
    }
    this.say(`broker ${id} gives up: ${error.message}`)
    this.crash(id, { powerLoss: false })
  }

  /** A controlled shutdown, then the end of the process; `ended` runs unless something else ended it before. */
  stop(id: number, ended: () => void): void {
    const incarnation = this.#incarnations.get(id) ?? 0
    this.servers
      .get(id)
      ?.shutdown()
      .then(() => {
        if (this.#incarnations.get(id) === incarnation) ended()
      })
      .catch((error: Error) => this.#giveUp(id, incarnation, error))
  }

  crash(id: number, options: CrashOptions): void {
    this.#incarnations.set(id, (this.#incarnations.get(id) ?? 0) + 1)
    this.servers.delete(id)
    this.world.crash(hostOf(id), options)
  }

  /** Every broker serves and every partition has all its replicas in sync, as every broker sees it. */
  isWhole(): boolean {
    return this.ids.every((id) => {
      const server = this.servers.get(id)
      if (server?.state !== 'running') return false
      const { image } = server.parts.publisher
      if (image.topicsByName.size === 0) return false
      return [...image.topicsByName.values()].every((topic) =>
        topic.partitions.every((p) => p.isr.length === p.replicas.length && p.leader > 0),
      )
    })
  }

  activeController(): number | null {
    for (const [id, server] of this.servers) if (server.parts.controller.isActive) return id
    return null
  }
}
