// One broker and controller, assembled: logs, quorum, metadata, controller, replicas, groups, listeners. Takes a
// Runtime, so that the simulation runs exactly this; main.ts gives it the real one. After a crash everything is
// rebuilt from the data directories and the quorum.

import { RoutingControllerChannel } from './api/controller-channel.ts'
import { createDispatcher } from './api/dispatch.ts'
import { openFetchSessions } from './api/fetch-session.ts'
import { handlersFor, type ListenerKind } from './api/handlers.ts'
import type { BrokerServices } from './api/types.ts'
import { logConfigFor } from './config/effective.ts'
import { findClusterId } from './config/meta-properties.ts'
import type { BrokerConfig, ListenerConfig } from './config.ts'
import { BrokerLifecycle, type BrokerState } from './controller/broker-lifecycle.ts'
import { ControllerMeasures } from './controller/controller-measures.ts'
import { ControllerNode } from './controller/controller-node.ts'
import { ControllerRegistrar } from './controller/controller-registrar.ts'
import { Incarnation } from './controller/incarnation.ts'
import { metadataMeter } from './controller-beans.ts'
import { ClassicGroupCoordinator } from './coordinator/group/group-coordinator.ts'
import type { TransactionCoordinator } from './coordinator/types.ts'
import { DirectoryHealth, registerDirectoryBeans } from './directory-health.ts'
import { followDynamicSettings } from './dynamic-settings.ts'
import { LogManager } from './log/log-manager.ts'
import { MetadataPublisher } from './metadata/publisher.ts'
import { type MetadataLog, openMetadataLog } from './metadata-log.ts'
import type { ChannelMetrics } from './metrics/channel-metrics.ts'
import { forwardingMeter } from './metrics/forwarding-meter.ts'
import type { MetricsRegistry } from './metrics/types.ts'
import {
  controllerSettings,
  groupSettings,
  listenerSettings,
  logSettings,
  raftSettings,
  replicationSettings,
} from './module-settings.ts'
import { ConnectionLimits } from './network/connection-limits.ts'
import { SocketListener } from './network/listener.ts'
import { connectPeer } from './network/peer-client.ts'
import type { Dispatch } from './network/types.ts'
import { RaftNode } from './raft/driver.ts'
import { directoryOf } from './replication/metadata-changes.ts'
import { ReplicaManager } from './replication/replica-manager.ts'
import { assert } from './runtime/assert.ts'
import type { Endpoint, Runtime, TimerHandle } from './runtime/runtime.ts'
import { openChannels, registerServerBeans } from './server-beans.ts'
import { verifyTransactions } from './transaction-verification.ts'
import { openTransactionCoordinator } from './transactions.ts'

export interface BrokerServerOptions {
  runtime: Runtime
  config: BrokerConfig
  metrics: MetricsRegistry
  /** Going on could damage data: the process must end. */
  onFatal: (error: Error) => void
}

const PLAINTEXT = 0
/** A quorum that has not elected a leader for this long while we stop is stopping too. */
const WITHOUT_CONTROLLER_MAX_MS = 1000
const EMPTY_CONFIGS = { configs: new Map() }

interface Parts {
  clusterId: string
  logs: LogManager
  metadataLog: MetadataLog
  publisher: MetadataPublisher
  raft: RaftNode
  controller: ControllerNode
  measures: ControllerMeasures
  channel: RoutingControllerChannel
  registrar: ControllerRegistrar
  lifecycle: BrokerLifecycle
  replicas: ReplicaManager
  groups: ClassicGroupCoordinator
  transactions: TransactionCoordinator
  listeners: SocketListener[]
}

export class BrokerServer {
  readonly #options: BrokerServerOptions
  readonly #parts: Parts
  readonly #gate: Gate
  #whenStopped: Promise<void> | null = null

  private constructor(options: BrokerServerOptions, parts: Parts, gate: Gate) {
    this.#options = options
    this.#parts = parts
    this.#gate = gate
  }

  /**
   * Opens data and ports and joins the cluster. Resolves as soon as the parts run; `serve` waits for the rest.
   * Rejects when a directory or port cannot be had.
   */
  static async open(options: BrokerServerOptions): Promise<BrokerServer> {
    const gate = new Gate()
    const closers: (() => Promise<void>)[] = []
    try {
      const parts = await openParts(options, gate, closers)
      registerServerBeans(options.metrics, {
        ...parts,
        clock: options.runtime.clock,
        hasStaticVoters: options.config.voters.length > 0,
      })
      parts.publisher.start(parts.raft)
      return new BrokerServer(options, parts, gate)
    } catch (error) {
      for (const close of closers.reverse()) await close()
      throw error
    }
  }

  get state(): BrokerState {
    return this.#parts.lifecycle.state
  }

  get clusterId(): string {
    return this.#parts.clusterId
  }

  /** With the ports that were really taken, broker listeners first. */
  get endpoints(): readonly { name: string; endpoint: Endpoint }[] {
    return this.#parts.listeners.map(({ name, endpoint }) => ({ name, endpoint }))
  }

  /** What the process is made of, for tests and the simulation. */
  get parts(): Readonly<Parts> {
    return this.#parts
  }

  /** Resolves once the controller has unfenced this broker and clients are served. */
  async serve(): Promise<void> {
    const { lifecycle, replicas, logs, publisher } = this.#parts
    await lifecycle.start()
    try {
      await logs.load(({ partition }, topicId) => {
        const assigned = publisher.image.topicsById.get(topicId)?.partitions[partition]
        return assigned === undefined ? null : directoryOf(assigned, replicas.localBrokerId)
      })
    } catch (error) {
      if (this.#whenStopped !== null) return
      throw error
    }
    await replicas.start()
    logs.start()
    this.#gate.open()
    await lifecycle.setReadyToUnfence()
  }

  /** Hands leaderships over within the time configured, then closes everything in order. Rejects when a disk fails. */
  shutdown(): Promise<void> {
    this.#whenStopped ??= this.#stop()
    return this.#whenStopped
  }

  async #stop(): Promise<void> {
    const { config, runtime } = this.#options
    const parts = this.#parts
    const { lifecycle } = parts
    if (config.controlledShutdownEnable && lifecycle.state === 'running') {
      const wasLetGo = await this.#handOver(config.controlledShutdownTimeoutMs)
      runtime.logger.log('info', 'Controlled shutdown', { finished: wasLetGo })
    }
    lifecycle.close()
    const { brokerEpoch } = lifecycle
    const broker = parts.listeners.filter(({ name }) => !this.#isController(name))
    await Promise.all(broker.map((listener) => listener.close()))
    await parts.transactions.shutdown()
    await parts.groups.shutdown()
    await parts.replicas.close()
    parts.registrar.close()
    parts.channel.close()
    parts.controller.close()
    await parts.raft.shutdown()
    try {
      await parts.metadataLog.close()
    } finally {
      // Its disk may have failed; the others are left in order all the same.
      await parts.logs.close(brokerEpoch)
      const controllers = parts.listeners.filter(({ name }) => this.#isController(name))
      await Promise.all(controllers.map((listener) => listener.close()))
    }
  }

  /** True once the controller lets this broker go; false after `timeoutMs`, or when nobody is left to ask. */
  #handOver(timeoutMs: number): Promise<boolean> {
    const { clock, timers } = this.#options.runtime
    const { lifecycle, raft } = this.#parts
    let lastLedMs = clock.monotonicMs()
    let timer: TimerHandle | null = null
    const isAbandoned = new Promise<boolean>((resolve) => {
      const look = () => {
        const nowMs = clock.monotonicMs()
        if (raft.leaderAndEpoch.leaderId !== null) lastLedMs = nowMs
        if (nowMs - lastLedMs > WITHOUT_CONTROLLER_MAX_MS) resolve(false)
        else timer = timers.set(WITHOUT_CONTROLLER_MAX_MS / 10, look)
      }
      look()
    })
    return Promise.race([lifecycle.controlledShutdown(timeoutMs), isAbandoned]).finally(() =>
      timers.clear(timer),
    )
  }

  #isController(name: string): boolean {
    return this.#options.config.controllerListenerNames.includes(name)
  }
}

/** Requests to the broker wait here until it is ready, as in Kafka between bind and first processing. */
class Gate {
  #isOpen = false
  #open: () => void = () => undefined
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  open(): void {
    this.#isOpen = true
    this.#open()
  }

  guard(dispatch: Dispatch): Dispatch {
    return (context, body) =>
      this.#isOpen ? dispatch(context, body) : this.#opened.then(() => dispatch(context, body))
  }
}

async function openParts(
  options: BrokerServerOptions,
  gate: Gate,
  closers: (() => Promise<void>)[],
): Promise<Parts> {
  const { runtime, config, metrics, onFatal } = options
  const channels = openChannels(metrics, runtime.clock, config.nodeId)
  const directories = [...new Set([...config.logDirs, config.metadataLogDir])]
  const clusterId = await findClusterId(runtime.disk, directories, config.clusterId)
  const health = new DirectoryHealth({
    runtime,
    metadataLogDir: config.metadataLogDir,
    failureTimeoutMs: config.logDirFailureTimeoutMs,
    onFatal,
  })
  const logs = await LogManager.claim({
    runtime,
    settings: logSettings(config, clusterId, logConfigFor(EMPTY_CONFIGS, config, '')),
    onDirectoryFailure: health.onFailure,
  })
  closers.push(() => logs.close(-1))
  const metadataLog = await openMetadataLog({ runtime, config, clusterId, logs })
  closers.push(() => metadataLog.close())
  const publisher = new MetadataPublisher({
    runtime,
    clusterId,
    meter: metadataMeter(metrics, runtime.clock),
    settings: {
      snapshotRecordBytes: config.metadataLogMaxRecordBytesBetweenSnapshots,
      snapshotIntervalMs: config.metadataLogMaxSnapshotIntervalMs,
    },
  })
  const identity = { clusterId, metadataDirectoryId: metadataLog.directoryId }
  const raft = await RaftNode.open({
    runtime,
    settings: raftSettings(config, identity),
    log: metadataLog.log,
    traffic: channels.raft,
    onFatal,
  })
  closers.push(() => raft.shutdown())
  const measures = new ControllerMeasures(metrics, runtime.clock)
  const controller = new ControllerNode({
    runtime,
    raft,
    quorumVersion: raft,
    committed: publisher,
    settings: controllerSettings(config, clusterId),
    meter: measures,
  })
  const connect = (traffic: ChannelMetrics) => (endpoint: Endpoint) =>
    connectPeer({ endpoint, clientId: `broker-${config.nodeId}`, runtime, traffic })
  const controllerEndpoints = { get: (nodeId: number) => raft.endpointOf(nodeId) }
  const channel = new RoutingControllerChannel({
    nodeId: config.nodeId,
    runtime,
    quorum: raft,
    localController: controller,
    controllerEndpoints,
    connect: connect(channels.forwarding),
    meter: forwardingMeter(metrics, runtime.clock),
  })
  publisher.attach(controller)
  publisher.attach(channel)

  let services: BrokerServices | null = null
  // Peers find the controller listener as soon as it is bound: they wait until all parts stand.
  const assembled = new Gate()
  const connections = new ConnectionLimits()
  const listeners = await openListeners(options, {
    connections,
    gate,
    assembled,
    closers,
    services: () => {
      assert(services !== null, 'requests are handled once all services are there')
      return services
    },
  })
  const onlineDirectories = logs.directories.filter(({ isOnline }) => isOnline)
  const incarnation = await Incarnation.open({
    runtime,
    directories: onlineDirectories.map((directory) => directory.path),
    cleanShutdownEpoch: logs.previousBrokerEpoch,
  })
  const lifecycle = new BrokerLifecycle({
    runtime,
    nodeId: config.nodeId,
    clusterId,
    rack: config.rack,
    endpoints: advertised(config, listeners),
    logDirs: onlineDirectories.map(({ directoryId }) => directoryId),
    cordonedLogDirs: () =>
      logs.directories.filter(({ isCordoned }) => isCordoned).map(({ directoryId }) => directoryId),
    incarnationId: incarnation.id,
    previousBrokerEpoch: incarnation.previousBrokerEpoch,
    onRegistered: (epoch) => incarnation.registered(epoch),
    quorum: raft,
    localController: controller,
    controllerEndpoints,
    connect: connect(channels.heartbeat),
    appliedOffset: () => publisher.appliedOffset,
    settings: { heartbeatIntervalMs: config.brokerHeartbeatIntervalMs },
  })
  publisher.attach(lifecycle)
  const registrar = new ControllerRegistrar({
    runtime,
    nodeId: config.nodeId,
    endpoints: controllerEndpointsOf(config, listeners),
    channel,
  })
  // A process that is a broker only looks on at the quorum.
  if (config.isController) publisher.attach(registrar)
  const replicas = new ReplicaManager({
    runtime,
    settings: replicationSettings(config),
    logs,
    metadata: publisher,
    controller: channel,
    metrics: options.metrics,
    localBrokerEpoch: () => lifecycle.brokerEpoch,
    isOwnRegistration: ({ incarnationId }) => incarnationId === lifecycle.incarnationId,
    logConfigOf: (topic, image) => logConfigFor(image, config, topic),
    transactions: verifyTransactions({
      ...options,
      logs,
      metadata: publisher,
      connect: connect(channels.addPartitions),
    }),
  })
  followDynamicSettings(publisher, config, { logs, replicas, connections })
  registerDirectoryBeans(options.metrics, logs)
  health.attach({
    logs,
    reportOffline: (directoryId) => lifecycle.reportOfflineDirectory(directoryId),
    takeOffline: (path, error) => replicas.takeDirectoryOffline(path, error),
  })
  const groups = new ClassicGroupCoordinator({
    runtime,
    replicas,
    metadata: publisher,
    settings: groupSettings(config),
  })
  const transactions = openTransactionCoordinator({
    ...options,
    metadata: publisher,
    replicas,
    groups,
    controller: channel,
    connect: connect(channels.markers),
  })
  services = {
    runtime,
    config,
    metadata: publisher,
    replicas,
    logs,
    groups,
    transactions,
    controller: channel,
    localController: controller,
    raft,
    metrics: options.metrics,
    authorize: () => true,
  }
  openFetchSessions(services)
  assembled.open()
  return {
    clusterId,
    logs,
    metadataLog,
    publisher,
    raft,
    controller,
    measures,
    channel,
    registrar,
    lifecycle,
    replicas,
    groups,
    transactions,
    listeners,
  }
}

async function openListeners(
  options: BrokerServerOptions,
  context: {
    connections: ConnectionLimits
    gate: Gate
    assembled: Gate
    services: () => BrokerServices
    closers: (() => Promise<void>)[]
  },
): Promise<SocketListener[]> {
  const { runtime, config, metrics } = options
  const listeners: SocketListener[] = []
  const open = async (kind: ListenerKind, listener: ListenerConfig) => {
    const { dispatch, serves } = createDispatcher<BrokerServices>({
      services: context.services,
      handlers: handlersFor(kind),
      clock: runtime.clock,
      logger: runtime.logger,
      metrics,
    })
    const opened = await SocketListener.open({
      name: listener.name,
      endpoint: { host: listener.host === '' ? '0.0.0.0' : listener.host, port: listener.port },
      runtime,
      settings: listenerSettings(config),
      ...(kind === 'broker' ? { limits: context.connections } : {}),
      dispatch: (kind === 'broker' ? context.gate : context.assembled).guard(dispatch),
      serves,
    })
    context.closers.push(() => opened.close())
    listeners.push(opened)
  }
  for (const listener of config.brokerListeners) await open('broker', listener)
  for (const listener of config.controllerListeners) await open('controller', listener)
  return listeners
}

/** Port 0 is told as the port that was taken. */
function advertised(config: BrokerConfig, listeners: readonly SocketListener[]) {
  return config.advertisedListeners.map(({ name, host, port }) => {
    const taken = listeners.find((listener) => listener.name === name)?.endpoint.port ?? port
    return { name, host, port: port === 0 ? taken : port, securityProtocol: PLAINTEXT }
  })
}

/** Controllers are told as in controller.quorum.voters, which all agree on. */
function controllerEndpointsOf(config: BrokerConfig, listeners: readonly SocketListener[]) {
  const own = config.voters.find(({ id }) => id === config.nodeId)
  return config.controllerListeners.map(({ name, host, port }) => {
    const taken = listeners.find((listener) => listener.name === name)?.endpoint.port ?? port
    return {
      name,
      host: own?.host ?? host,
      port: taken,
      securityProtocol: PLAINTEXT,
    }
  })
}
