// Makes this voter's endpoints known in the metadata, so that clients can find controllers: registers with the
// active controller until the image says so. Hears every commit from the publisher.
import { ControllerRegistration } from '../../protocol/schemas/70-controller-registration.ts'
import type { BrokerEndpointImage, MetadataImage } from '../metadata/image-types.ts'
import type { CommitFollower } from '../metadata/publisher.ts'
import type { LeaderAndEpoch } from '../raft/types.ts'
import type { Runtime, TimerHandle } from '../runtime/runtime.ts'
import { registeredFeatures, registeredListeners } from './registration.ts'
import type { ControllerChannel } from './types.ts'

export interface ControllerRegistrarOptions {
  runtime: Runtime
  nodeId: number
  /** Of the controller listeners. */
  endpoints: readonly BrokerEndpointImage[]
  channel: ControllerChannel
}

const RETRY_BACKOFF_MS = 1000
const REQUEST_TIMEOUT_MS = 10_000

export class ControllerRegistrar implements CommitFollower {
  readonly #options: ControllerRegistrarOptions
  readonly #incarnationId: string
  #isRegistered = false
  #isInFlight = false
  #isClosed = false
  #timer: TimerHandle | null = null

  constructor(options: ControllerRegistrarOptions) {
    this.#options = options
    this.#incarnationId = options.runtime.random.uuid()
  }

  handleCommitted(image: MetadataImage): void {
    const known = image.controllers.get(this.#options.nodeId)
    this.#isRegistered = known?.incarnationId === this.#incarnationId
    this.#registerIfNeeded()
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    if (leader.leaderId !== null) this.#registerIfNeeded()
  }

  close(): void {
    this.#isClosed = true
    this.#options.runtime.timers.clear(this.#timer)
  }

  #registerIfNeeded(): void {
    if (this.#isRegistered || this.#isInFlight || this.#isClosed || this.#timer !== null) return
    this.#isInFlight = true
    this.#register()
      .catch((error: unknown) => {
        const { logger } = this.#options.runtime
        logger.log('info', 'a controller could not register', { error })
      })
      .finally(() => {
        this.#isInFlight = false
        if (this.#isClosed) return
        // Whether it was accepted shows in the image; if it does not, this is done again.
        this.#timer = this.#options.runtime.timers.set(RETRY_BACKOFF_MS, () => {
          this.#timer = null
          this.#registerIfNeeded()
        })
      })
  }

  async #register(): Promise<void> {
    const { nodeId, endpoints, channel } = this.#options
    await channel.send(
      ControllerRegistration,
      {
        controllerId: nodeId,
        incarnationId: this.#incarnationId,
        zkMigrationReady: false,
        listeners: registeredListeners(endpoints),
        features: registeredFeatures(),
      },
      {
        version: 0,
        timeoutMs: REQUEST_TIMEOUT_MS,
        context: { principal: 'User:ANONYMOUS', clientId: null, apiVersion: 0 },
      },
    )
  }
}
