// Apache Kafka as a peer, and its command-line tools against either cluster (tests/peers/apache-kafka).
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, freePort, root } from './eyrie-cluster.ts'

const script = join(root, 'tests/peers/apache-kafka')

export interface ToolResult {
  code: number
  /** Standard output and error, each in its order. */
  stdout: string
  stderr: string
}

/** Runs one of Kafka's tools; ends it after `timeoutMs`. */
export function tool(
  name: string,
  args: readonly string[],
  options: { stdin?: string; timeoutMs?: number } = {},
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(script, ['cli', name, ...args], {
      cwd: root,
      env: { ...process.env, JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' },
    })
    let stdout = ''
    let stderr = ''
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 90_000)
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      const own = stderr
        .split('\n')
        .filter((line) => !line.startsWith('Picked up JAVA_TOOL_OPTIONS'))
      resolve({ code: code ?? -1, stdout, stderr: own.join('\n') })
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.stdin ?? '')
  })
}

export interface PeerCluster {
  directory: string
  bootstrap: string
  run(verb: 'stop' | 'kill' | 'start', id: number): Promise<void>
  down(): Promise<void>
}

/** Apache Kafka 4.3.1 on loopback. */
export async function startPeer(
  options: { brokers?: number; properties?: Record<string, string>; args?: string[] } = {},
): Promise<PeerCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'eyrie-peer-'))
  const sets = Object.entries(options.properties ?? {}).flatMap(([k, v]) => ['--set', `${k}=${v}`])
  const args = ['--brokers', String(options.brokers ?? 3), '--port', String(await freePort())]
  const call = (...rest: string[]) =>
    execute(script, rest, { cwd: root, timeout: 240_000, maxBuffer: 16 * 1024 * 1024 })
  const more = options.args ?? ['--heap', '512m']
  const { stdout } = await call('up', directory, ...args, ...more, ...sets)
  return {
    directory,
    bootstrap: stdout.trim().split('\n').at(-1) ?? '',
    run: async (verb, id) => {
      await call(verb, directory, String(id))
    },
    down: async () => {
      await call('down', directory).catch(() => undefined)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
