import { spawn } from 'node:child_process'
import { supervisorRequest } from '../supervisor/client.ts'
import { firstStart } from './auth/first-start.ts'
import { environment } from './settings/environment.ts'

const STATUS_TIMEOUT_MS = 5_000

function isAbsence(cause: unknown): boolean {
  return cause instanceof Error && 'isAbsent' in cause && cause.isAbsent === true
}

async function hasSupervisor(dataDir: string): Promise<boolean> {
  try {
    await supervisorRequest(dataDir, { verb: 'status' }, STATUS_TIMEOUT_MS)
    return true
  } catch (cause) {
    // Whatever is there but did not answer in time holds the data directory all the same.
    return !isAbsence(cause)
  }
}

const BROKERS_TIMEOUT_MS = 600_000
const POLL_MS = 500

/** Where the brokers of a supervisor that did not start us are, once it knows. */
async function learnBrokers(dataDir: string): Promise<void> {
  const untilMs = Date.now() + BROKERS_TIMEOUT_MS
  while (Date.now() < untilMs) {
    try {
      const status = await supervisorRequest(dataDir, { verb: 'status' }, STATUS_TIMEOUT_MS)
      const { host, brokers } = status
      process.env.EYRIE_EMBEDDED_BOOTSTRAP = brokers.map(({ port }) => `${host}:${port}`).join(',')
      process.env.EYRIE_EMBEDDED_JOLOKIA = brokers
        .map(({ id, jolokiaPort }) => `${id}=http://${host}:${jolokiaPort}/jolokia/`)
        .join(';')
      return
    } catch (cause) {
      if (!isAbsence(cause)) console.error('the supervisor does not answer:', cause)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS).unref())
  }
}

/** When Next was started by hand: brokers and collector come from a supervisor of their own. */
async function ensureSupervisor(): Promise<void> {
  if (process.env.EYRIE_SUPERVISED === '1') return
  const { dataDir } = environment()
  if (!(await hasSupervisor(dataDir))) {
    // It ends when the channel closes: with this process, kill -9 included.
    const child = spawn(process.execPath, ['scripts/start.mjs', '--supervise-only'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.on('error', (cause) => console.error('the supervisor did not start:', cause))
    child.unref()
    child.channel?.unref()
  }
  // Pages answer meanwhile: they say that there is no cluster yet.
  void learnBrokers(dataDir)
}

/** Once per start of the Next server, before it answers. */
export async function startConsole(): Promise<void> {
  await ensureSupervisor()
  const link = await firstStart()
  if (link === null) return
  console.log(`\n  Create the first administrator with this one-time link:\n\n    ${link}\n`)
  process.send?.({ type: 'setup-link', link })
}
