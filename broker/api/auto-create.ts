// Topics that come to be because somebody asked for them: names in Metadata, and the coordinators' own topics.
// Sends CreateTopics to the active controller and does not wait; askers hear "not yet" and ask again.
import { ErrorCode } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import type { RequestContext } from '../network/types.ts'
import { missingTopicError } from './topic-metadata.ts'
import type { BrokerServices } from './types.ts'

/** Names being created, by services: a burst of requests makes one CreateTopics. */
const inFlight = new WeakMap<BrokerServices, Set<string>>()

interface NewTopic {
  name: string
  numPartitions: number
  replicationFactor: number
  configs: readonly { name: string; value: string }[]
}

function newTopic(services: BrokerServices, name: string): NewTopic {
  const { config } = services
  if (name === '__consumer_offsets') {
    return {
      name,
      numPartitions: config.offsetsTopicNumPartitions,
      replicationFactor: config.offsetsTopicReplicationFactor,
      configs: [
        { name: 'compression.type', value: 'producer' },
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'segment.bytes', value: String(config.offsetsTopicSegmentBytes) },
      ],
    }
  }
  if (name === '__transaction_state') {
    return {
      name,
      numPartitions: config.transactionStateLogNumPartitions,
      replicationFactor: config.transactionStateLogReplicationFactor,
      configs: [
        { name: 'unclean.leader.election.enable', value: 'false' },
        { name: 'compression.type', value: 'uncompressed' },
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'min.insync.replicas', value: String(config.transactionStateLogMinIsr) },
        { name: 'segment.bytes', value: String(config.transactionStateLogSegmentBytes) },
      ],
    }
  }
  return {
    name,
    numPartitions: config.numPartitions,
    replicationFactor: config.defaultReplicationFactor,
    configs: [],
  }
}

/** Starts creating `names`; gives what to answer for each meanwhile. */
export function autoCreateTopics(
  services: BrokerServices,
  context: RequestContext,
  names: readonly string[],
): ReadonlyMap<string, number> {
  const errors = new Map(names.map((name) => [name, missingTopicError(name)]))
  let creating = inFlight.get(services)
  if (!creating) {
    creating = new Set()
    inFlight.set(services, creating)
  }
  const wanted = names.filter(
    (name) =>
      errors.get(name) === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION && creating?.has(name) === false,
  )
  if (wanted.length > 0) void create(services, context, wanted, creating)
  return errors
}

async function create(
  services: BrokerServices,
  context: RequestContext,
  names: readonly string[],
  creating: Set<string>,
): Promise<void> {
  const timeoutMs = services.config.requestTimeoutMs
  const logger = services.runtime.logger.child('[Auto topic creation]')
  for (const name of names) creating.add(name)
  try {
    const response = await services.controller.send(
      CreateTopics,
      { topics: names.map((name) => newTopic(services, name)), timeoutMs },
      {
        version: CreateTopics.maxVersion,
        timeoutMs,
        context: {
          principal: context.connection.principal,
          clientId: context.clientId,
          apiVersion: CreateTopics.maxVersion,
        },
      },
    )
    for (const { name, errorCode, errorMessage } of response.topics) {
      if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) continue
      logger.log('warn', `Creating topic ${name} failed`, { errorCode, reason: errorMessage })
    }
  } catch (error) {
    logger.log('warn', 'Creating topics failed', { topics: names.join(','), error })
  } finally {
    for (const name of names) creating.delete(name)
  }
}
