// Empties a broker and takes it out of the cluster, over the wire: `npm run cluster -- drain` and `remove`. A
// reassignment stands in the cluster's metadata: interrupted, it goes on without us, and asking again carries on.
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { AlterPartitionReassignments } from '../../protocol/schemas/45-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from '../../protocol/schemas/46-list-partition-reassignments.ts'
import { UnregisterBroker } from '../../protocol/schemas/64-unregister-broker.ts'
import { SupervisorError } from '../layout.ts'
import { type LiveBroker, type PlacedPartition, planDrain } from './drain-plan.ts'
import type { WireClient } from './wire.ts'

/** Moving side by side: what a broker copies at a time stays bounded. */
const MOVES_AT_ONCE = 50
const POLL_MS = 250
/** New partitions may land on the broker while it is emptied. */
const MAX_ROUNDS = 20

interface ClusterView {
  brokers: LiveBroker[]
  partitions: PlacedPartition[]
}

async function look(client: WireClient): Promise<ClusterView> {
  const { brokers, topics } = await client.send(Metadata, { topics: null })
  return {
    brokers: brokers.map(({ nodeId, rack }) => ({ id: nodeId, rack })),
    partitions: topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, replicaNodes }) => ({
        topic: name ?? '',
        partition: partitionIndex,
        replicas: replicaNodes,
      })),
    ),
  }
}

const isOn = (broker: number) => (partition: PlacedPartition) => partition.replicas.includes(broker)

/** How many replicas the broker holds. */
export async function replicaCount(client: WireClient, broker: number): Promise<number> {
  return (await look(client)).partitions.filter(isOn(broker)).length
}

/** Resolves once no partition has a replica there. Throws SupervisorError when some cannot leave. */
export async function drain(
  client: WireClient,
  broker: number,
  say: (text: string) => void,
): Promise<void> {
  let moved = 0
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await untilSettled(client, { broker })
    const { brokers, partitions } = await look(client)
    const { moves, stuck } = planDrain(partitions, brokers, broker)
    if (moves.length === 0 && stuck.length === 0) {
      say(`Broker ${broker} holds no replicas (${moved} moved)`)
      return
    }
    if (moves.length === 0) throw new SupervisorError(whyStuck(stuck, brokers.length - 1))
    for (let start = 0; start < moves.length; start += MOVES_AT_ONCE) {
      const batch = moves.slice(start, start + MOVES_AT_ONCE)
      await begin(client, batch)
      await untilSettled(client, { moves: batch })
      moved += batch.length
      say(`${moved} of ${moved + moves.length - start - batch.length} partitions have moved`)
    }
  }
  throw new SupervisorError(`new partitions keep coming to broker ${broker}: ask again`)
}

function whyStuck(stuck: readonly PlacedPartition[], others: number): string {
  const [first] = stuck
  const name = `${first?.topic}-${first?.partition}`
  return (
    `${stuck.length} partitions, ${name} among them, have a replica on each of the other ` +
    `${others} brokers that are up: add a broker, or give those topics fewer replicas`
  )
}

async function begin(client: WireClient, moves: readonly PlacedPartition[]): Promise<void> {
  const response = await client.send(AlterPartitionReassignments, {
    allowReplicationFactorChange: false,
    topics: byTopic(moves).map(([name, partitions]) => ({
      name,
      partitions: partitions.map(({ partition, replicas }) => ({
        partitionIndex: partition,
        replicas: [...replicas],
      })),
    })),
  })
  check(response.errorCode, response.errorMessage)
  for (const topic of response.responses) {
    for (const { errorCode, errorMessage } of topic.partitions) {
      // Deleted meanwhile: nothing to move any more.
      if (errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) continue
      check(errorCode, errorMessage)
    }
  }
}

/** Until no reassignment of those partitions, or of any on that broker, is under way. */
async function untilSettled(
  client: WireClient,
  which: { moves: readonly PlacedPartition[] } | { broker: number },
): Promise<void> {
  const topics =
    'broker' in which
      ? null
      : byTopic(which.moves).map(([name, partitions]) => ({
          name,
          partitionIndexes: partitions.map(({ partition }) => partition),
        }))
  for (;;) {
    const response = await client.send(ListPartitionReassignments, { topics })
    check(response.errorCode, response.errorMessage)
    const found = response.topics.flatMap(({ partitions }) => partitions)
    const isMeant = (replicas: readonly number[]) =>
      'moves' in which || replicas.includes(which.broker)
    if (!found.some(({ replicas }) => isMeant(replicas))) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

function byTopic(moves: readonly PlacedPartition[]): [string, PlacedPartition[]][] {
  const topics = new Map<string, PlacedPartition[]>()
  for (const move of moves) {
    const partitions = topics.get(move.topic)
    if (partitions === undefined) topics.set(move.topic, [move])
    else partitions.push(move)
  }
  return [...topics]
}

/** No error when the cluster does not know it any more. */
export async function unregister(client: WireClient, brokerId: number): Promise<void> {
  const response = await client.send(UnregisterBroker, { brokerId })
  if (response.errorCode === ErrorCode.BROKER_ID_NOT_REGISTERED) return
  check(response.errorCode, response.errorMessage)
}

function check(errorCode: number, message: string | null): void {
  if (errorCode === ErrorCode.NONE) return
  throw new SupervisorError(`the controller refused: ${message ?? errorName(errorCode)}`)
}
