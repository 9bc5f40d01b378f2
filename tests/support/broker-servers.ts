// Whole broker processes, as they are assembled for real, on a clock, disk and network in memory. For tests of what
// only several of them show: brokers that join and leave, voters that change, features.
import { expect } from 'vitest'
import { BrokerServer } from '../../broker/broker-server.ts'
import { loadBrokerConfig } from '../../broker/config.ts'
import { Registry } from '../../broker/metrics/registry.ts'
import { connectPeer } from '../../broker/network/peer-client.ts'
import type { Api, Encodable } from '../../protocol/api.ts'
import { createWorld, type World, type WorldOptions } from './memory-runtime.ts'

const PORT = 9092
const CONTROLLER_PORT = 9192
export const CLUSTER_ID = 'AAAAAAAAQACAAAAAAAAAAA'

export type Properties = Readonly<Record<string, string>>

export class BrokerServers {
  readonly world: World
  readonly servers = new Map<number, BrokerServer>()
  /** What each broker measures, since its last start. */
  readonly metrics = new Map<number, Registry>()
  readonly fatal: string[] = []
  readonly #properties = new Map<number, Properties>()

  constructor(options: Pick<WorldOptions, 'seed' | 'outside'>) {
    this.world = createWorld(options)
  }

  static hostOf(id: number): string {
    return `b${id}`
  }

  static voters(ids: readonly number[]): string {
    return ids.map((id) => `${id}@${BrokerServers.hostOf(id)}:${CONTROLLER_PORT}`).join(',')
  }

  static bootstrap(ids: readonly number[]): string {
    return ids.map((id) => `${BrokerServers.hostOf(id)}:${CONTROLLER_PORT}`).join(',')
  }

  /** Brokers and voters 1 to `count`. */
  async startVoters(count: number, more: Properties = {}): Promise<void> {
    const ids = Array.from({ length: count }, (_unused, index) => index + 1)
    const voters = BrokerServers.voters(ids)
    const open = (id: number) => this.#open(id, { 'controller.quorum.voters': voters, ...more })
    await this.world.run(Promise.all(ids.map(open)))
  }

  /** Resolves once the broker serves; the properties of its last start when none are given. */
  start(id: number, properties?: Properties): Promise<void> {
    return this.world.run(this.open(id, properties))
  }

  /** As `start`, for several at once: they may need each other. */
  open(id: number, properties?: Properties): Promise<void> {
    return this.#open(id, properties ?? this.#properties.get(id) ?? {})
  }

  crash(id: number): void {
    this.world.crash(BrokerServers.hostOf(id), { powerLoss: false })
    this.servers.delete(id)
  }

  async stop(id: number): Promise<void> {
    await this.world.run(this.server(id).shutdown())
    this.servers.delete(id)
  }

  server(id: number): BrokerServer {
    const server = this.servers.get(id)
    if (server === undefined) throw new Error(`broker ${id} is down`)
    return server
  }

  /** Asks broker `id` as a client on another machine would. */
  async ask<Request, Response>(
    id: number,
    api: Api<Request, Response>,
    request: Encodable<Request>,
    options: { version?: number; port?: number } = {},
  ): Promise<Response> {
    const runtime = this.world.host('client')
    const endpoint = { host: BrokerServers.hostOf(id), port: options.port ?? PORT }
    const client = connectPeer({ endpoint, clientId: 'test', runtime })
    const { version } = options
    const response = await this.world.run(
      client.send(api, request, {
        timeoutMs: 30_000,
        ...(version === undefined ? {} : { version }),
      }),
    )
    client.close()
    return response
  }

  askController<Request, Response>(
    id: number,
    api: Api<Request, Response>,
    request: Encodable<Request>,
  ): Promise<Response> {
    return this.ask(id, api, request, { port: CONTROLLER_PORT })
  }

  async leaderId(): Promise<number> {
    const known = () => {
      const ids = [...this.servers.values()].map(({ parts }) => parts.raft.leaderAndEpoch.leaderId)
      const [first] = ids
      return first != null && this.servers.has(first) && ids.every((id) => id === first)
        ? first
        : null
    }
    await this.world.runUntil(() => known() !== null, 60_000)
    return known() as number
  }

  expectNoneDied(): void {
    expect(this.fatal).toEqual([])
  }

  async #open(id: number, properties: Properties): Promise<void> {
    this.#properties.set(id, properties)
    const host = BrokerServers.hostOf(id)
    const runtime = this.world.host(host)
    const roles = properties['process.roles'] ?? 'broker,controller'
    const controller = roles.includes('controller')
      ? `,CONTROLLER://${host}:${CONTROLLER_PORT}`
      : ''
    const all: Properties = {
      'process.roles': roles,
      'node.id': String(id),
      listeners: `PLAINTEXT://${host}:${PORT}${controller}`,
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'log.dirs': '/data',
      'eyrie.cluster.id': CLUSTER_ID,
      ...properties,
    }
    const text = Object.entries(all).map(([key, value]) => `${key}=${value}`)
    const { config } = loadBrokerConfig('server.properties', text.join('\n'), host)
    const metrics = new Registry(runtime)
    this.metrics.set(id, metrics)
    const server = await BrokerServer.open({
      runtime,
      config,
      metrics,
      onFatal: (error) => this.fatal.push(`broker ${id}: ${error.stack}`),
    })
    this.servers.set(id, server)
    await server.serve()
  }
}
