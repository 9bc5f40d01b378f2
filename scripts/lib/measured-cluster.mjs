// For scripts that start a cluster and measure it: commands to scripts/cluster.mjs, and figures on their own command
// line.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Rejects when the command fails; this process stands in the repository's root. */
export const cluster = (...args) =>
  execute(process.execPath, ['scripts/cluster.mjs', ...args], { maxBuffer: 1 << 24 })

/** The number behind `name` among this process' arguments. */
export function numberOf(name, fallback) {
  const at = process.argv.indexOf(name)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
