import type {
  BrokerAction,
  BrokerActionInput,
  BrokerActionOutput,
} from '../../contracts/brokers.ts'
import { collectNow } from '../clusters/collect-now.ts'
import { readClusterInventory, readTopicDetails } from '../clusters/inventory.ts'
import { type Cluster, clusterOf } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { type ImpactPartition, impactOn, losesQuorum } from './impact.ts'
import { askSupervisor, type BrokerProcess, readBrokerProcesses } from './processes.ts'

interface Call {
  ctx: ServiceContext
  input: BrokerActionInput
}

const LIVE_TIMEOUT_MS = 3_000

/** Which states of the process an action starts from. */
const FROM: Readonly<Record<BrokerAction, ReadonlySet<BrokerProcess['state']>>> = {
  stop: new Set(['running', 'starting']),
  kill: new Set(['running', 'starting', 'stopping', 'paused']),
  pause: new Set(['running']),
  start: new Set(['stopped', 'paused', 'killed', 'crashed']),
}

interface Picture {
  partitions: ImpactPartition[]
  online: Set<number>
}

/** As the cluster says now; as the collector last saw it when nobody answers. */
async function readPicture(cluster: Cluster, ctx: ServiceContext): Promise<Picture> {
  const details = await readTopicDetails(cluster.id, null)
  const minimums = new Map(details.map((d) => [d.item.name, d.detail.minInsyncReplicas] as const))
  try {
    const options = { timeoutMs: LIVE_TIMEOUT_MS, signal: ctx.signal }
    const state = await fetchClusterState(cluster.client, null, options)
    const partitions = state.topics.flatMap(({ name, partitions: states }) =>
      states.map((partition) => ({
        ...partition,
        topic: name,
        minInsyncReplicas: minimums.get(name) ?? null,
      })),
    )
    return { partitions, online: new Set(state.brokers.map(({ id }) => id)) }
  } catch (cause) {
    ctx.note({ pictureFrom: `the collector: ${String(cause)}` })
  }
  const partitions = details.flatMap(({ item, detail }) =>
    detail.partitions.map(([partition, leader, , replicas, isr]) => ({
      topic: item.name,
      partition,
      leader: leader < 0 ? null : leader,
      replicas,
      isr,
      minInsyncReplicas: detail.minInsyncReplicas,
    })),
  )
  const processes = await readBrokerProcesses(cluster)
  const running = [...processes].filter(([, { state }]) => state === 'running')
  return { partitions, online: new Set(running.map(([id]) => id)) }
}

function assertPossible(action: BrokerAction, id: number, process: BrokerProcess | undefined) {
  if (process === undefined) throw refusal('broker-unknown', { broker: id })
  if (FROM[action].has(process.state)) return process
  throw refusal('broker-state', { broker: id, state: process.state })
}

async function act(action: BrokerAction, { ctx, input }: Call): Promise<BrokerActionOutput> {
  const cluster = clusterOf(input.cluster)
  if (cluster.kind !== 'embedded') throw refusal('not-embedded')
  const { broker, dryRun } = input
  const processes = await readBrokerProcesses(cluster)
  if (processes.size === 0) throw refusal('no-supervisor')
  const before = assertPossible(action, broker, processes.get(broker))
  const [{ snapshot }, { partitions, online }] = await Promise.all([
    readClusterInventory(cluster.id),
    readPicture(cluster, ctx),
  ])
  const situation = { action, broker, online }
  const voters = snapshot?.quorum?.voters.map(({ id }) => id) ?? []
  const verb = action === 'kill' ? { verb: action, signal: 'SIGKILL' } : { verb: action }
  const process = dryRun ? before : await askSupervisor({ ...verb, broker })
  if (!dryRun) await collectNow(cluster.id)
  return {
    action,
    broker,
    dryRun,
    impact: impactOn(partitions, situation),
    losesQuorum: losesQuorum(voters, situation),
    movesController: action !== 'start' && snapshot?.controllerId === broker,
    process,
  }
}

export async function stopBroker(call: Call): Promise<BrokerActionOutput> {
  return act('stop', call)
}

export async function killBroker(call: Call): Promise<BrokerActionOutput> {
  return act('kill', call)
}

/** The process stands still with its sockets open: the cluster waits for its session to end. */
export async function pauseBroker(call: Call): Promise<BrokerActionOutput> {
  return act('pause', call)
}

export async function startBroker(call: Call): Promise<BrokerActionOutput> {
  return act('start', call)
}
