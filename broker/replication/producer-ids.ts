// Producer ids for idempotent producers, handed out from blocks that the controller allocates to this broker.
// Used by InitProducerId. Ids of a block that a crash left unused are never given to anybody.
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { AllocateProducerIds } from '../../protocol/schemas/67-allocate-producer-ids.ts'
import type { ControllerChannel } from '../controller/types.ts'

export interface ProducerIdsOptions {
  brokerId: number
  localBrokerEpoch: () => number
  controller: ControllerChannel
}

interface Block {
  next: number
  readonly endExclusive: number
  readonly size: number
}

const REQUEST_TIMEOUT_MS = 5_000
/** The next block is asked for when this part of the current one is left. */
const PREFETCH_FRACTION = 0.1

export class ProducerIds {
  readonly #options: ProducerIdsOptions
  #current: Block | null = null
  #following: Block | null = null
  #allocation: Promise<void> | null = null

  constructor(options: ProducerIdsOptions) {
    this.#options = options
  }

  /** An id that nobody else has. Throws KafkaError (COORDINATOR_LOAD_IN_PROGRESS) when no block is to be had. */
  async next(): Promise<number> {
    for (;;) {
      const block = this.#current
      if (block !== null && block.next < block.endExclusive) {
        const producerId = block.next
        block.next += 1
        const left = block.endExclusive - block.next
        if (left < block.size * PREFETCH_FRACTION && this.#following === null) {
          // Fails without harm: whoever finds the block empty asks again and hears the error.
          this.#allocate().catch(() => undefined)
        }
        return producerId
      }
      this.#current = this.#following
      this.#following = null
      if (this.#current === null) await this.#allocate()
    }
  }

  #allocate(): Promise<void> {
    this.#allocation ??= this.#requestBlock().finally(() => {
      this.#allocation = null
    })
    return this.#allocation
  }

  async #requestBlock(): Promise<void> {
    const { brokerId, localBrokerEpoch, controller } = this.#options
    let errorCode: number
    try {
      const response = await controller.send(
        AllocateProducerIds,
        { brokerId, brokerEpoch: localBrokerEpoch() },
        {
          version: 0,
          timeoutMs: REQUEST_TIMEOUT_MS,
          context: { principal: 'User:ANONYMOUS', clientId: null, apiVersion: 0 },
        },
      )
      errorCode = response.errorCode
      if (errorCode === ErrorCode.NONE) {
        const { producerIdStart, producerIdLen } = response
        this.#following = {
          next: producerIdStart,
          endExclusive: producerIdStart + producerIdLen,
          size: producerIdLen,
        }
        return
      }
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      errorCode = error.code
    }
    throw new KafkaError(
      ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
      `no producer ids from the controller: error ${errorCode}`,
    )
  }
}
