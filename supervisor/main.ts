// `npm start`, once everything is set up: brokers, collector, sample traffic and the Next server.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseOptions, type StartOptions } from './options.ts'
import { Supervisor } from './supervisor.ts'

const WEB_TIMEOUT_MS = 120_000

function addServices(supervisor: Supervisor, options: StartOptions, root: string) {
  const env = {
    ...options.environment,
    ...supervisor.embeddedEnvironment,
    EYRIE_SUPERVISED: '1',
    // Names of a cluster whose resolver hangs hold some of these; files and the others need the rest.
    UV_THREADPOOL_SIZE: '12',
    NODE_ENV: options.isDev ? 'development' : 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  }
  for (const name of ['collector', 'sample']) {
    const bundle = join(root, 'dist', `${name}.mjs`)
    if (!existsSync(bundle)) continue
    const log = join(options.dataDirectory, `${name}.log`)
    supervisor.addService({ name, args: ['--enable-source-maps', bundle], env, log })
  }
  if (options.isSuperviseOnly) return null
  return supervisor.addService({
    name: 'console',
    args: [join(root, 'scripts', 'web.mjs')],
    env: { ...env, EYRIE_DEV: options.isDev ? '1' : '0' },
    log: 'inherit',
    takesEnvironment: true,
  })
}

const PARENT_EVERY_MS = 1_000

function onSignals(
  supervisor: Supervisor,
  { say, parentPid }: { say: (text: string) => void; parentPid: number },
): void {
  let asked = 0
  const stop = (): void => {
    asked++
    if (asked === 1) {
      say('Stopping: brokers shut down in a controlled way (once more to end them at once)')
      void supervisor.shutdown()
    } else if (asked > 1) {
      supervisor.killAll()
      process.exit(1)
    }
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', stop)
  // Of a Next that started us: when it is gone, whatever the way, nobody is left to stop us.
  process.on('disconnect', stop)
  if (process.send !== undefined && !process.connected) stop()
  // A signal to npm ends the shell between npm and us, which passes nothing on.
  if (process.env.npm_lifecycle_event === undefined) return
  const watching = setInterval(() => {
    if (process.ppid !== parentPid && asked === 0) stop()
  }, PARENT_EVERY_MS)
  watching.unref()
}

/** `parentPid`: who started this process; when npm did and it is gone, so is the reason to run. */
export async function main(
  args: readonly string[],
  { say, parentPid }: { say: (text: string) => void; parentPid: number },
): Promise<void> {
  const root = process.cwd()
  const options = parseOptions(args, process.env, process.env.INIT_CWD ?? root)
  const supervisor = await Supervisor.open({
    root,
    dataDirectory: options.dataDirectory,
    clusterDirectory: join(options.dataDirectory, 'cluster'),
    host: '127.0.0.1',
    brokerCount: options.brokerCount,
    firstPort: options.brokerPort,
    properties: {},
    say,
  })
  onSignals(supervisor, { say, parentPid })
  let exitCode = 0
  void supervisor.ended.then(() => {
    say('Stopped')
    process.exit(exitCode)
  })
  say(`Starting ${supervisor.cluster.brokers.length} brokers and the console`)
  const web = addServices(supervisor, options, root)
  try {
    await supervisor.startBrokers()
    say(`Brokers serve on ${supervisor.bootstrapServers}`)
    if (web !== null) {
      await web.ready(WEB_TIMEOUT_MS)
      say(`The console is at http://${options.host}:${options.port}`)
    }
  } catch (error) {
    // Said before the end: with the last child this process is gone.
    say(error instanceof Error ? error.message : String(error))
    exitCode = 1
    await supervisor.shutdown()
  }
}
