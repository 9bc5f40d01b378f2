// `meta.properties` of each data directory: whose data it is. Written once, when a directory is first used; checked
// at every start, so that a directory of another node or cluster is never opened. Written whole or not at all.
import type { Disk, Random } from '../runtime/runtime.ts'
import { ConfigFileError, parseProperties } from './server-properties.ts'

export interface MetaProperties {
  clusterId: string
  nodeId: number
  directoryId: string
}

export interface FormatOptions {
  disk: Disk
  random: Random
  nodeId: number
  /** For new directories; null: only directories that exist already can be used. */
  clusterId: string | null
  /** Absolute. */
  directories: readonly string[]
}

const FILE = 'meta.properties'

/**
 * Reads, and where absent writes, the meta.properties of every directory. Throws ConfigFileError when one belongs
 * to another node or cluster, cannot be read, or is new while the cluster's id is not known.
 */
export async function openMetaProperties(
  options: FormatOptions,
): Promise<{ clusterId: string; byDirectory: ReadonlyMap<string, MetaProperties> }> {
  const { disk, random, nodeId, directories } = options
  const byDirectory = new Map<string, MetaProperties>()
  for (const directory of directories) {
    const known = await readMetaProperties(disk, directory)
    if (known) byDirectory.set(directory, known)
  }
  const clusterId = [...byDirectory.values()][0]?.clusterId ?? options.clusterId
  if (clusterId === null) {
    throw new ConfigFileError(
      `no meta.properties found in ${directories.join(', ')}: these directories are not formatted, ` +
        'and eyrie.cluster.id does not name a cluster to format them for',
    )
  }
  for (const directory of directories) {
    const known = byDirectory.get(directory)
    const path = `${directory}/${FILE}`
    if (known) {
      checkOwner(path, known, { nodeId, clusterId, configured: options.clusterId })
      continue
    }
    const fresh = { clusterId, nodeId, directoryId: random.uuid() }
    await disk.mkdir(directory)
    await disk.writeFileAtomic(path, formatMetaProperties(fresh))
    byDirectory.set(directory, fresh)
  }
  return { clusterId, byDirectory }
}

function checkOwner(
  path: string,
  found: MetaProperties,
  expected: { nodeId: number; clusterId: string; configured: string | null },
): void {
  if (found.nodeId !== expected.nodeId) {
    throw new ConfigFileError(
      `${path}: node.id: this is the data of node ${found.nodeId}, not of node ${expected.nodeId}`,
    )
  }
  const wanted = expected.configured ?? expected.clusterId
  if (found.clusterId !== wanted) {
    throw new ConfigFileError(
      `${path}: cluster.id: this is the data of cluster ${found.clusterId}, not of ${wanted}`,
    )
  }
}

/** null when the directory has none. */
async function readMetaProperties(disk: Disk, directory: string): Promise<MetaProperties | null> {
  const path = `${directory}/${FILE}`
  if ((await disk.stat(path)) === null) return null
  const text = (await disk.readFile(path)).toString('utf8')
  const values = new Map(parseProperties(text).map(({ key, value }) => [key, value]))
  const require = (key: string): string => {
    const value = values.get(key)
    if (value === undefined) throw new ConfigFileError(`${path}: ${key} is missing`)
    return value
  }
  const version = require('version')
  if (version !== '1') {
    throw new ConfigFileError(`${path}: version: ${version} is not known; only 1 is`)
  }
  const nodeId = Number(require('node.id'))
  if (!Number.isInteger(nodeId)) throw new ConfigFileError(`${path}: node.id is not a number`)
  return { clusterId: require('cluster.id'), nodeId, directoryId: require('directory.id') }
}

function formatMetaProperties(meta: MetaProperties): string {
  return [
    `cluster.id=${meta.clusterId}`,
    `directory.id=${meta.directoryId}`,
    `node.id=${meta.nodeId}`,
    'version=1',
    '',
  ].join('\n')
}
