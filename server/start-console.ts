import { spawn } from 'node:child_process'
import { supervisorRequest } from '../supervisor/client.ts'
import { firstStart } from './auth/first-start.ts'
import { environment } from './settings/environment.ts'

async function hasSupervisor(dataDir: string): Promise<boolean> {
  try {
    await supervisorRequest(dataDir, { verb: 'status' }, 5_000)
    return true
  } catch (cause) {
    // Whatever is there but did not answer in time holds the data directory all the same.
    const isAbsent = cause instanceof Error && 'isAbsent' in cause && cause.isAbsent === true
    return !isAbsent
  }
}

/** When Next was started by hand: brokers and collector come from a supervisor of their own. */
async function ensureSupervisor(): Promise<void> {
  if (process.env.EYRIE_SUPERVISED === '1') return
  const { dataDir } = environment()
  if (await hasSupervisor(dataDir)) return
  const child = spawn(process.execPath, ['scripts/start.mjs', '--supervise-only'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  child.on('error', (cause) => console.error('the supervisor did not start:', cause))
  process.once('exit', () => child.kill('SIGTERM'))
}

/** Once per start of the Next server, before it answers. */
export async function startConsole(): Promise<void> {
  await ensureSupervisor()
  const link = await firstStart()
  if (link === null) return
  console.log(`\n  Create the first administrator with this one-time link:\n\n    ${link}\n`)
  process.send?.({ type: 'setup-link', link })
}
