// A PostgreSQL and a MariaDB of a test's own: Debian's programs on free ports, in a directory that goes with them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, until } from './eyrie-cluster.ts'

export interface DatabaseServer {
  /** URL of its administrator. */
  readonly url: string
  /** Of another database on it, which is made. */
  createDatabase(name: string): string
  stop(): Promise<void>
}

/** They refuse to run as root. */
function as(user: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

function run(user: string, program: string, args: readonly string[]): void {
  execFileSync(program, [...args], { ...as(user), cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
}

function start(user: string, program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, [...args], { ...as(user), cwd: '/', stdio: 'ignore' })
  const kill = (): boolean => child.kill('SIGKILL')
  // A run that ends early, or whose parent does, leaves no server behind.
  for (const event of ['exit', 'disconnect']) process.once(event, kill)
  child.once('exit', () => {
    for (const event of ['exit', 'disconnect']) process.off(event, kill)
  })
  return child
}

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null

/** Ends and removes it when it does not answer within two minutes. */
async function untilAnswering(
  child: ChildProcess,
  directory: string,
  isReady: () => boolean,
): Promise<void> {
  const isReadyOrEnded = (): boolean => {
    if (hasEnded(child)) throw new Error(`the database server ended: ${child.exitCode}`)
    return isReady()
  }
  try {
    await until('the database server answers', isReadyOrEnded)
  } catch (error) {
    await end(child, directory, 'SIGKILL')
    throw error
  }
}

function isAnswering(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, [...args], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function ownDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `eyrie-${name}-`))
  chmodSync(directory, 0o777)
  return directory
}

async function end(child: ChildProcess, directory: string, signal: NodeJS.Signals): Promise<void> {
  if (!hasEnded(child)) {
    child.kill(signal)
    await until('the database server stops', () => hasEnded(child))
  }
  rmSync(directory, { recursive: true, force: true })
}

function postgresqlPrograms(): string {
  const versions = '/usr/lib/postgresql'
  const found = existsSync(versions) ? readdirSync(versions).sort().at(-1) : undefined
  if (found === undefined) throw new Error('PostgreSQL is not installed: apt install postgresql')
  return join(versions, found, 'bin')
}

export async function startPostgresql(): Promise<DatabaseServer> {
  const programs = postgresqlPrograms()
  const directory = ownDirectory('postgresql')
  const data = join(directory, 'data')
  const port = String(await freePort())
  run('postgres', join(programs, 'initdb'), [
    ...['-D', data, '-U', 'eyrie', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8'],
  ])
  const child = start('postgres', join(programs, 'postgres'), [
    ...['-D', data, '-p', port, '-k', directory],
    ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
  ])
  const place = ['-h', '127.0.0.1', '-p', port, '-U', 'eyrie']
  const isReady = (): boolean => isAnswering(join(programs, 'pg_isready'), place)
  await untilAnswering(child, directory, isReady)
  const base = `postgresql://eyrie@127.0.0.1:${port}`
  return {
    url: `${base}/postgres`,
    createDatabase: (name) => {
      execFileSync(join(programs, 'createdb'), [...place, name], { stdio: 'ignore' })
      return `${base}/${name}`
    },
    // It does not wait for its clients.
    stop: () => end(child, directory, 'SIGINT'),
  }
}

export async function startMariadb(): Promise<DatabaseServer> {
  const program = '/usr/sbin/mariadbd'
  if (!existsSync(program)) throw new Error('MariaDB is not installed: apt install mariadb-server')
  const directory = ownDirectory('mariadb')
  const data = join(directory, 'data')
  const port = String(await freePort())
  const socket = join(directory, 'socket')
  run('mysql', 'mariadb-install-db', [
    ...['--no-defaults', `--datadir=${data}`, '--skip-test-db'],
    '--auth-root-authentication-method=normal',
  ])
  const child = start('mysql', program, [
    ...['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, `--port=${port}`],
    ...['--bind-address=127.0.0.1', `--pid-file=${join(directory, 'pid')}`],
    '--innodb-flush-log-at-trx-commit=0',
  ])
  const client = ['--no-defaults', '-S', socket, '-uroot']
  const isReady = (): boolean => isAnswering('mariadb', [...client, '-e', 'SELECT 1'])
  await untilAnswering(child, directory, isReady)
  const sql = (text: string): void => {
    execFileSync('mariadb', [...client, '-e', text], { stdio: 'ignore' })
  }
  sql("CREATE USER 'eyrie'@'%' IDENTIFIED BY 'a secret'; GRANT ALL ON *.* TO 'eyrie'@'%'")
  const base = `mysql://eyrie:a%20secret@127.0.0.1:${port}`
  return {
    url: `${base}/mysql`,
    createDatabase: (name) => {
      sql(`CREATE DATABASE \`${name}\``)
      return `${base}/${name}`
    },
    stop: () => end(child, directory, 'SIGTERM'),
  }
}
