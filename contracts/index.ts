import * as account from './account.ts'
import * as audit from './audit.ts'
import * as brokers from './brokers.ts'
import * as charts from './charts.ts'
import * as clusterDefinitions from './cluster-definitions.ts'
import * as clusters from './clusters.ts'
import * as configs from './configs.ts'
import type { Contract } from './define.ts'
import * as elections from './elections.ts'
import * as events from './events.ts'
import * as groups from './groups.ts'
import * as health from './health.ts'
import * as lag from './lag.ts'
import * as messages from './messages.ts'
import * as metrics from './metrics.ts'
import * as overview from './overview.ts'
import * as quorum from './quorum.ts'
import * as replicaMap from './replica-map.ts'
import * as sample from './sample.ts'
import * as topics from './topics.ts'
import * as users from './users.ts'

const modules: readonly Record<string, unknown>[] = [
  health,
  account,
  users,
  clusters,
  clusterDefinitions,
  overview,
  topics,
  replicaMap,
  messages,
  configs,
  brokers,
  groups,
  lag,
  elections,
  quorum,
  metrics,
  charts,
  sample,
  events,
  audit,
]

function isContract([name, value]: [string, unknown]): boolean {
  return name.endsWith('Contract') && typeof value === 'object' && value !== null
}

/** Every endpoint, in the order of the document. */
export const allContracts: readonly Contract[] = modules.flatMap((module) =>
  // Safe because of the naming rule that contracts.test.ts checks: …Contract is one.
  Object.entries(module)
    .filter(isContract)
    .map(([, value]) => value as Contract),
)
