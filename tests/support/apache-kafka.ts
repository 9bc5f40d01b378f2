// Apache Kafka as a peer, and its command-line tools against either cluster (tests/peers/apache-kafka).
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execute, freePort, root, untilAllKnown } from './eyrie-cluster.ts'

const script = join(root, 'tests/peers/apache-kafka')

export interface ToolResult {
  code: number
  /** Standard output and error, each in its order. */
  stdout: string
  stderr: string
}

const tools = 'org.apache.kafka.tools'
const classes = {
  topics: `${tools}.TopicCommand`,
  configs: 'kafka.admin.ConfigCommand',
  'consumer-groups': `${tools}.consumer.group.ConsumerGroupCommand`,
  'console-producer': `${tools}.ConsoleProducer`,
  'console-consumer': `${tools}.consumer.ConsoleConsumer`,
  'producer-perf': `${tools}.ProducerPerformance`,
  'leader-election': `${tools}.LeaderElectionCommand`,
  'get-offsets': `${tools}.GetOffsetShell`,
  'log-dirs': `${tools}.LogDirsCommand`,
  'metadata-quorum': `${tools}.MetadataQuorumCommand`,
  reassign: `${tools}.reassign.ReassignPartitionsCommand`,
  cluster: `${tools}.ClusterTool`,
  'dump-log': `${tools}.DumpLogSegments`,
  transactions: `${tools}.TransactionsCommand`,
  features: `${tools}.FeatureCommand`,
}
export type ToolName = keyof typeof classes

const encoded = (text: string) => Buffer.from(text).toString('base64')
const decoded = (text = '') => Buffer.from(text, 'base64').toString()

/** One JVM that runs Kafka's tools in turn: a call costs milliseconds, not a start of Java. */
export class CommandLine {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #replies: AsyncIterator<string>
  #last: Promise<unknown> = Promise.resolve()

  private constructor(jars: string) {
    const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m']
    const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
    const source = join(root, 'tests/peers/CommandLine.java')
    this.#child = spawn('java', [...options, log, '-cp', `${jars}/*`, source])
    this.#child.stdin.on('error', () => undefined)
    this.#replies = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  static async start(): Promise<CommandLine> {
    const { stdout } = await execute(script, ['jars'], { cwd: root, timeout: 240_000 })
    return new CommandLine(stdout.trim())
  }

  /** Runs one tool after those asked for before; ends the JVM where it takes over `timeoutMs`. */
  run(
    name: ToolName,
    args: readonly string[],
    options: { stdin?: string; timeoutMs?: number } = {},
  ): Promise<ToolResult> {
    const result = this.#last.then(async () => {
      const timer = setTimeout(() => this.end(), options.timeoutMs ?? 180_000)
      const words = [classes[name], options.stdin ?? '', ...args]
      this.#child.stdin.write(`${words.map(encoded).join(' ')}\n`)
      const reply = await this.#replies.next()
      clearTimeout(timer)
      if (reply.done) throw new Error(`no end of ${name} ${args.join(' ')}`)
      const [code, stdout, stderr] = reply.value.split(' ')
      return { code: Number(code), stdout: decoded(stdout), stderr: decoded(stderr) }
    })
    this.#last = result.catch(() => undefined)
    return result
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}

export interface PeerCluster {
  directory: string
  bootstrap: string
  run(verb: 'stop' | 'kill' | 'start', id: number): Promise<void>
  down(): Promise<void>
}

/** Apache Kafka 4.3.1 on loopback; the one below EYRIE_TEST_PEER, which stays, where that is set. */
export async function startPeer(
  options: { brokers?: number; properties?: Record<string, string>; args?: string[] } = {},
): Promise<PeerCluster> {
  const kept = process.env.EYRIE_TEST_PEER
  const directory = kept ?? (await mkdtemp(join(tmpdir(), 'eyrie-peer-')))
  const sets = Object.entries(options.properties ?? {}).flatMap(([k, v]) => ['--set', `${k}=${v}`])
  const call = (...rest: string[]) =>
    execute(script, rest, { cwd: root, timeout: 400_000, maxBuffer: 16 * 1024 * 1024 })
  const down = async () => {
    if (kept !== undefined) return
    await call('down', directory).catch(() => undefined)
    await rm(directory, { recursive: true, force: true })
  }
  if (kept === undefined) {
    const args = ['--brokers', String(options.brokers ?? 3), '--port', String(await freePort())]
    const heap = options.args ?? ['--heap', '512m']
    await call('up', directory, ...args, ...heap, ...sets).catch(async (cause: unknown) => {
      await down()
      throw cause
    })
  }
  const lines = (await call('status', directory)).stdout.trim().split('\n')
  const bootstrap = lines.map((line) => `127.0.0.1:${line.split(' ')[2]}`).join(',')
  // A port is open before its broker may lead anything. Behind TLS nobody can be asked so simply.
  if (options.properties?.listeners === undefined) {
    await untilAllKnown(bootstrap.split(',')).catch(async (cause: unknown) => {
      await down()
      throw cause
    })
  }
  return {
    directory,
    bootstrap,
    run: async (verb, id) => {
      await call(verb, directory, String(id))
    },
    down,
  }
}
