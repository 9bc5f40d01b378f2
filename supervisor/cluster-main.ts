// `npm run cluster`: brokers alone, under a supervisor of their own in the background.
//   up DIR [--brokers 3] [--port 9092] [--racks a,b,c] [--set key=value]…
//                        starts them, prints the bootstrap servers last
//   down DIR [--keep]    stops all of it; without --keep, removes DIR
//   stop DIR ID          a controlled shutdown, waited for      kill DIR ID [SIGNAL]   (KILL)
//   start DIR ID         starts it again, waited for            status DIR   id, pid, port, up or down
//   add DIR [ID] [--rack R], drain DIR ID, remove DIR ID        brokers that join and leave
// All but up and down also take the data directory of `npm start`.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { drain, replicaCount, unregister } from './admin/drain.ts'
import { findLeavingVoter, removeVoter } from './admin/quorum.ts'
import { WireClient } from './admin/wire.ts'
import { SupervisorClientError, supervisorRequest } from './client.ts'
import usageLines from './cluster-usage.json' with { type: 'json' }
import { type BrokerRecord, type ClusterRecord, readCluster, SupervisorError } from './layout.ts'
import { isAlive, lockHolder } from './lock.ts'
import { isVoter } from './membership.ts'
import type { SupervisorRequest, SupervisorStatus } from './messages.ts'
import { Supervisor } from './supervisor.ts'

const UP_TIMEOUT_MS = 100_000
const DOWN_TIMEOUT_MS = 60_000

const usage = usageLines.join('\n')

interface UpOptions {
  brokerCount: number
  port: number
  racks: string[]
  properties: Record<string, string>
}

export function parseUp(args: readonly string[]): UpOptions {
  const options: UpOptions = { brokerCount: 3, port: 9092, racks: [], properties: {} }
  for (let i = 0; i < args.length; i += 2) {
    const [name, value] = [args[i], args[i + 1]]
    if (value === undefined) throw new SupervisorError(`${name} needs a value`)
    if (name === '--brokers') options.brokerCount = Number(value)
    else if (name === '--port') options.port = Number(value)
    else if (name === '--racks') options.racks = value.split(',')
    else if (name === '--set') {
      const [key, setting] = value.split(/=(.*)/s, 2)
      if (!key || setting === undefined) throw new SupervisorError(`--set ${value}: key=value`)
      options.properties[key] = setting
    } else throw new SupervisorError(`unknown option ${name}\n${usage}`)
  }
  const { brokerCount, port } = options
  if (!Number.isInteger(brokerCount) || brokerCount < 1 || brokerCount > 9) {
    throw new SupervisorError('--brokers takes a number from 1 to 9')
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_000) {
    throw new SupervisorError('--port takes a number from 1 to 65000')
  }
  return options
}

/** The supervisor in the background, after the command has returned. */
async function superviseInBackground(directory: string, options: UpOptions): Promise<void> {
  const supervisor = await Supervisor.open({
    root: process.cwd(),
    dataDirectory: directory,
    clusterDirectory: directory,
    host: '127.0.0.1',
    brokerCount: options.brokerCount,
    racks: options.racks,
    firstPort: options.port,
    properties: options.properties,
    say: (text) => console.log(text),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void supervisor.shutdown())
  }
  void supervisor.ended.then(() => process.exit(0))
  try {
    await supervisor.startBrokers()
    process.send?.({ type: 'ready' })
  } catch (error) {
    process.send?.({ type: 'failed', error: (error as Error).message })
    await supervisor.shutdown()
  }
}

async function up(directory: string, args: readonly string[]): Promise<void> {
  parseUp(args)
  mkdirSync(directory, { recursive: true })
  const holder = lockHolder(directory)
  if (holder !== null) throw new SupervisorError(`${directory} is up already (process ${holder})`)
  const log = openSync(join(directory, 'supervisor.log'), 'a')
  const child = spawn(
    process.execPath,
    [process.argv[1] ?? '', '--supervise', directory, ...args],
    {
      cwd: process.cwd(),
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    },
  )
  closeSync(log)
  const outcome = await new Promise<{ type?: string; error?: string }>((resolve) => {
    const timer = setTimeout(
      () => resolve({ error: `not up within ${UP_TIMEOUT_MS / 1000} s` }),
      UP_TIMEOUT_MS,
    )
    child.once('message', (message) => {
      clearTimeout(timer)
      resolve(message as { type?: string })
    })
    child.once('exit', () => {
      clearTimeout(timer)
      resolve({ error: readFileSync(join(directory, 'supervisor.log'), 'utf8').trimEnd() })
    })
  })
  if (outcome.type !== 'ready') {
    child.kill()
    throw new SupervisorError(outcome.error ?? 'the brokers did not start')
  }
  child.disconnect()
  child.unref()
  const cluster = readCluster(directory)
  console.log(cluster?.brokers.map((b) => `${cluster.host}:${b.port}`).join(','))
}

/** That of `npm start` lies inside of its data directory. */
function clusterOf(directory: string): { cluster: ClusterRecord; path: string } {
  for (const path of [directory, join(directory, 'cluster')]) {
    const cluster = readCluster(path)
    if (cluster !== null) return { cluster, path }
  }
  throw new SupervisorError(`no cluster in ${directory}`)
}

function ask(directory: string, request: SupervisorRequest): Promise<SupervisorStatus> {
  clusterOf(directory)
  return supervisorRequest(directory, request)
}

async function down(directory: string, isKept: boolean): Promise<void> {
  if (readCluster(directory) === null) throw new SupervisorError(`no cluster in ${directory}`)
  const pid = lockHolder(directory)
  if (pid !== null) {
    await supervisorRequest(directory, { verb: 'shutdown' })
    const deadlineMs = Date.now() + DOWN_TIMEOUT_MS
    while (isAlive(pid) && Date.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  if (!isKept) rmSync(directory, { recursive: true, force: true })
}

async function status(directory: string): Promise<void> {
  const { cluster, path } = clusterOf(directory)
  for (const { id, port } of cluster.brokers) {
    const pidPath = join(path, String(id), 'pid')
    const pid = existsSync(pidPath) ? Number(readFileSync(pidPath, 'utf8')) : 0
    console.log(`${id} ${pid} ${port} ${pid > 0 && isAlive(pid) ? 'up' : 'down'}`)
  }
}

async function add(directory: string, args: readonly string[]): Promise<void> {
  const rackAt = args.indexOf('--rack')
  const rack = rackAt < 0 ? undefined : args[rackAt + 1]
  if (rackAt >= 0 && rack === undefined) throw new SupervisorError('--rack needs a value')
  const [id, ...more] = args.filter((_, at) => rackAt < 0 || (at !== rackAt && at !== rackAt + 1))
  if (more.length > 0) throw new SupervisorError(`unknown option ${more[0]}\n${usage}`)
  const before = new Set(clusterOf(directory).cluster.brokers.map((broker) => broker.id))
  const { host, brokers } = await ask(directory, {
    verb: 'add',
    ...(id === undefined ? {} : { broker: nodeId(id) }),
    ...(rack === undefined ? {} : { rack }),
  })
  for (const broker of brokers) if (!before.has(broker.id)) console.log(`${host}:${broker.port}`)
}

/** The cluster as seen by the other brokers: `id` may be the one that goes down. */
async function withoutBroker(
  directory: string,
  id: number,
  act: (client: WireClient, broker: BrokerRecord) => Promise<void>,
): Promise<void> {
  const { cluster } = clusterOf(directory)
  const broker = cluster.brokers.find((candidate) => candidate.id === id)
  if (broker === undefined) throw new SupervisorError(`there is no broker ${id}`)
  const others = cluster.brokers.filter((candidate) => candidate !== broker)
  const client = new WireClient(others.map(({ port }) => ({ host: cluster.host, port })))
  try {
    await act(client, broker)
  } finally {
    client.close()
  }
}

function remove(directory: string, id: number): Promise<void> {
  return withoutBroker(directory, id, async (client, broker) => {
    const voter = isVoter(broker) ? await findLeavingVoter(client, id) : null
    const count = await replicaCount(client, id)
    if (count > 0) {
      throw new SupervisorError(
        `broker ${id} holds ${count} replicas: npm run cluster -- drain DIR ${id} moves them`,
      )
    }
    if (voter !== null) {
      await removeVoter(client, voter)
      console.log(`Broker ${id} votes no longer; voters are ${voter.others.join(', ')}`)
    }
    await ask(directory, { verb: 'stop', broker: id })
    await unregister(client, id)
    await ask(directory, { verb: 'remove', broker: id, hasLeftQuorum: true })
  })
}

function nodeId(text: string | undefined): number {
  const id = Number(text)
  if (text === undefined || !Number.isInteger(id))
    throw new SupervisorError(`a broker's id is wanted`)
  return id
}

/** `resolvePath` makes DIR absolute from where the command was called. */
export async function main(
  args: readonly string[],
  { resolvePath }: { resolvePath: (path: string) => string },
): Promise<void> {
  const [verb, where, ...rest] = args
  if (verb === undefined || where === undefined) {
    console.error(usage)
    process.exitCode = 2
    return
  }
  const directory = resolvePath(where)
  switch (verb) {
    case '--supervise':
      return superviseInBackground(directory, parseUp(rest))
    case 'up':
      return up(directory, rest)
    case 'down':
      return down(directory, rest.includes('--keep'))
    case 'status':
      return status(directory)
    case 'add':
      return add(directory, rest)
    case 'drain':
      return withoutBroker(directory, nodeId(rest[0]), (client, { id }) =>
        drain(client, id, (text) => console.log(text)),
      )
    case 'remove':
      return remove(directory, nodeId(rest[0]))
    case 'stop':
    case 'start':
      await ask(directory, { verb, broker: nodeId(rest[0]) })
      return
    case 'kill':
      await ask(directory, { verb, broker: nodeId(rest[0]), signal: rest[1] ?? 'KILL' })
      return
    default:
      throw new SupervisorError(`unknown verb ${verb}\n${usage}`)
  }
}

export { SupervisorClientError }
