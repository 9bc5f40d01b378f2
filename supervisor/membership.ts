// Who belongs to the cluster: which brokers vote on metadata, and what a broker that joins later gets.
import { type BrokerRecord, type ClusterRecord, SupervisorError } from './layout.ts'
import { choosePorts } from './ports.ts'

const MAX_VOTERS = 5

/** Of so many brokers at the first start: three or five vote, since an even number tolerates no more failures. */
export function voterCount(brokerCount: number): number {
  if (brokerCount >= MAX_VOTERS) return MAX_VOTERS
  return Math.min(brokerCount, 3)
}

/** Those laid out before there were others have no mark. */
export function isVoter(broker: BrokerRecord): boolean {
  return broker.isVoter !== false
}

const MAX_REPLICATION = 3

/** Copies of a topic where nobody says otherwise: as many as there were voters at first, three at most. */
export function defaultReplication(cluster: ClusterRecord): number {
  return cluster.replication ?? Math.min(cluster.brokers.filter(isVoter).length, MAX_REPLICATION)
}

/** The same once a voter has left: as before, as long as enough brokers are there. */
export function replicationWithout(cluster: ClusterRecord, id: number): number {
  const left = cluster.brokers.filter((broker) => broker.id !== id).length
  return Math.min(defaultReplication(cluster), Math.max(1, left))
}

/** The record of a broker that joins: a free id and free ports. Throws SupervisorError. */
export async function newMember(
  cluster: ClusterRecord,
  wanted: { broker?: number; rack?: string },
): Promise<BrokerRecord> {
  const { host, brokers } = cluster
  const id = wanted.broker ?? Math.max(0, ...brokers.map((broker) => broker.id)) + 1
  if (brokers.some((broker) => broker.id === id)) {
    throw new SupervisorError(`there is a broker ${id} already`)
  }
  const taken = new Set(brokers.flatMap((b) => [b.port, b.controllerPort, b.jolokiaPort]))
  const firstPort = Math.min(...brokers.map((broker) => broker.port))
  const [ports] = await choosePorts({ host, firstPort, count: 1, firstId: id, taken })
  if (ports === undefined) throw new SupervisorError(`no free ports from ${firstPort} on`)
  return { ...ports, isVoter: false, ...(wanted.rack === undefined ? {} : { rack: wanted.rack }) }
}
