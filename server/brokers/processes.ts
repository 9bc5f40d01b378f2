import type { BrokerItem } from '../../contracts/brokers.ts'
import {
  type SupervisorRequest,
  type SupervisorStatus,
  supervisorRequest,
} from '../../supervisor/client.ts'
import { ServiceError } from '../errors.ts'
import { environment } from '../settings/environment.ts'

export type BrokerProcess = NonNullable<BrokerItem['process']>

const STATUS_TIMEOUT_MS = 2_000

type SupervisorBroker = SupervisorStatus['brokers'][number]

function processOf(broker: SupervisorBroker): BrokerProcess {
  const { state, pid } = broker
  return { state: state === 'exited' ? 'crashed' : state, pid }
}

function processesOf(status: SupervisorStatus): Map<number, BrokerProcess> {
  return new Map(status.brokers.map((broker) => [broker.id, processOf(broker)]))
}

/**
 * The embedded brokers' processes by node id; empty for an external cluster, and while no
 * supervisor answers.
 */
export async function readBrokerProcesses(cluster: {
  kind: 'embedded' | 'external'
}): Promise<Map<number, BrokerProcess>> {
  if (cluster.kind === 'external') return new Map()
  try {
    const { dataDir } = environment()
    return processesOf(await supervisorRequest(dataDir, { verb: 'status' }, STATUS_TIMEOUT_MS))
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'SupervisorClientError') return new Map()
    throw cause
  }
}

/** Resolves once the process did it: a stopped broker has ended, a started one serves. */
export async function askSupervisor(
  request: Extract<SupervisorRequest, { broker: number }>,
): Promise<BrokerProcess | null> {
  try {
    const status = await supervisorRequest(environment().dataDir, request)
    return processesOf(status).get(request.broker) ?? null
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'SupervisorClientError') throw cause
    const isAbsent = 'isAbsent' in cause && cause.isAbsent === true
    throw new ServiceError(isAbsent ? 'unsupported' : 'conflict', cause.message, { cause })
  }
}
