// Where things lie in a data directory, and what is remembered of the cluster in it.
//
//   <data>/format.json       {"format": 1}: a newer one is refused, an older one migrated forward
//   <data>/supervisor.lock   pid of the supervisor that holds the directory
//   <data>/supervisor.sock   its control socket, mode 0600
//   <cluster>/cluster.json   cluster id, node ids and ports, once chosen for good
//   <cluster>/<id>/          server.properties, data/, server.log, pid
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

export const DATA_FORMAT = 1

export interface BrokerRecord {
  id: number
  port: number
  controllerPort: number
  jolokiaPort: number
  /** broker.rack; none where left out. */
  rack?: string
  /** false: a broker alone, which follows the metadata quorum and has no vote in it. */
  isVoter?: boolean
}

export interface ClusterRecord {
  clusterId: string
  host: string
  brokers: BrokerRecord[]
  /** Copies of a topic unless it asks for others; follows from the number of voters until one of them leaves. */
  replication?: number
  /** Further lines of every server.properties, as given with `--set`. */
  properties: Record<string, string>
}

export class SupervisorError extends Error {
  override readonly name = 'SupervisorError'
}

const SOCKET_PATH_LIMIT = 100

/** Unix sockets' paths are short: below a deep directory it lies in the temporary one instead. */
export function socketPath(dataDirectory: string): string {
  const path = join(dataDirectory, 'supervisor.sock')
  if (path.length <= SOCKET_PATH_LIMIT) return path
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)
  return join(tmpdir(), `eyrie-${userInfo().uid}-${hash}.sock`)
}

export const lockPath = (dataDirectory: string): string => join(dataDirectory, 'supervisor.lock')
export const brokerDirectory = (clusterDirectory: string, id: number): string =>
  join(clusterDirectory, String(id))

/** Whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  const temporary = `${path}.tmp`
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(temporary, path)
}

/** Refuses a directory that a newer Eyrie wrote. */
export function checkFormat(dataDirectory: string): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const path = join(dataDirectory, 'format.json')
  if (!existsSync(path)) {
    writeJson(path, { format: DATA_FORMAT })
    return
  }
  const found = (JSON.parse(readFileSync(path, 'utf8')) as { format?: unknown }).format
  if (found === DATA_FORMAT) return
  throw new SupervisorError(
    `${dataDirectory} has data format ${String(found)}, this Eyrie knows ${DATA_FORMAT}: ` +
      'start the newer Eyrie that wrote it, or give another directory with EYRIE_DATA_DIR',
  )
}

export function readCluster(clusterDirectory: string): ClusterRecord | null {
  const path = join(clusterDirectory, 'cluster.json')
  if (!existsSync(path)) return null
  return JSON.parse(readFileSync(path, 'utf8')) as ClusterRecord
}

export function writeCluster(clusterDirectory: string, record: ClusterRecord): void {
  mkdirSync(clusterDirectory, { recursive: true })
  writeJson(join(clusterDirectory, 'cluster.json'), record)
}
