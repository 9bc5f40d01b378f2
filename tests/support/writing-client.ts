// Python's confluent-kafka (librdkafka) writing with acks=all and idempotence while a test does something to the
// cluster, three members of a group reading along. What it saw is held against the topic at the end.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root, until } from './eyrie-cluster.ts'
import { readWholeTopic } from './read-topic.ts'

interface Outcome {
  /** Key → partition and offset. */
  acked: Record<string, [number, number]>
  failed: string[]
  unread: string[]
  violations: unknown[]
  longestGapMs: number
}

interface Verdict {
  ackedCount: number
  longestGapMs: number
  /** Errors that the client's own retries did not hide. */
  failed: string[]
  /** Acknowledged keys that the topic does not hold exactly once. */
  lostOrDoubled: string[]
  unread: string[]
  violations: unknown[]
}

export class WritingClient {
  readonly #child: ChildProcess
  readonly #bootstrap: string
  readonly #topic: string
  #acked = 0
  #read = 0
  #outcome: Outcome | null = null

  private constructor(bootstrap: string, topic: string) {
    this.#bootstrap = bootstrap
    this.#topic = topic
    const script = join(root, 'tests/support/clients/kill_each.py')
    this.#child = spawn('python3', [script, bootstrap, topic, `${topic}-readers`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const { stdout } = this.#child
    if (stdout === null) throw new Error('the client has no output')
    createInterface({ input: stdout }).on('line', (line) => {
      const said = JSON.parse(line) as { done?: boolean; acked: number; read: number }
      if (said.done) this.#outcome = said as unknown as Outcome
      else {
        this.#acked = said.acked
        this.#read = said.read
      }
    })
  }

  /** Resolves when messages flow both ways. */
  static async start(bootstrap: string, topic: string): Promise<WritingClient> {
    const client = new WritingClient(bootstrap, topic)
    await until('messages flow', () => client.#acked > 500 && client.#read > 100)
    return client
  }

  /** Until `count` more were acknowledged. */
  async goOn(count = 300): Promise<void> {
    const before = this.#acked
    await until('writes go on', () => this.#acked > before + count)
  }

  async finish(): Promise<Verdict> {
    const exited = once(this.#child, 'exit')
    this.#child.stdin?.end('stop\n')
    await exited
    const outcome = this.#outcome
    if (outcome === null) throw new Error('the client ended without its result')
    const copies = new Map<string, number>()
    for (const { key } of await readWholeTopic(this.#bootstrap, this.#topic)) {
      copies.set(key, (copies.get(key) ?? 0) + 1)
    }
    const acked = Object.keys(outcome.acked)
    const { failed, unread, violations, longestGapMs } = outcome
    const lostOrDoubled = acked.filter((key) => copies.get(key) !== 1)
    return { ackedCount: acked.length, longestGapMs, failed, lostOrDoubled, unread, violations }
  }

  /** When the test is over, however it ended. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
