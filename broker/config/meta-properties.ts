// Which cluster this process belongs to: as the data directories say, or for new ones as server.properties does.
// Asked once at start, before the log layer claims the directories for node and cluster.
import { decodeMetaProperties, META_PROPERTIES_FILE, readTextFile } from '../log/checkpoints.ts'
import { isDiskError } from '../log/disk-errors.ts'
import type { Disk } from '../runtime/runtime.ts'
import { ConfigFileError } from './server-properties.ts'

/** Throws ConfigFileError when nobody says, or they do not agree. `directories` are absolute. */
export async function findClusterId(
  disk: Disk,
  directories: readonly string[],
  configured: string | null,
): Promise<string> {
  let found = configured
  for (const directory of directories) {
    const path = `${directory}/${META_PROPERTIES_FILE}`
    const text = await readTextFile(disk, path).catch((error: unknown) => {
      // The log layer finds out what a failing disk means; the others say who we are.
      if (isDiskError(error)) return null
      throw error
    })
    if (text === null) continue
    const { clusterId } = decodeMetaProperties(text)
    if (found !== null && found !== clusterId) {
      throw new ConfigFileError(
        `${path}: cluster.id: this is the data of cluster ${clusterId}, not of ${found}`,
      )
    }
    found = clusterId
  }
  if (found === null) {
    throw new ConfigFileError(
      `no ${META_PROPERTIES_FILE} found in ${directories.join(', ')}: these directories are not ` +
        'formatted, and eyrie.cluster.id does not name a cluster to format them for',
    )
  }
  return found
}
