// What the ids of log directories in metadata say. Pure; used by the controller and by leaders.
import { LOST_DIRECTORY, MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from './image.ts'

/** Of `logDirs` as registered; directories not yet known are given the benefit of the doubt. */
export function isDirectoryOnline(logDirs: readonly string[], directory: string): boolean {
  if (directory === UNASSIGNED_DIRECTORY || directory === MIGRATING_DIRECTORY) return true
  if (directory === LOST_DIRECTORY) return false
  return logDirs.length === 0 || logDirs.includes(directory)
}
