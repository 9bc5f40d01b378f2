// Which run of this broker comes after which, for the registration. A clean stop leaves its epoch in the log
// directories; a killed process leaves it here, with the boot id of the operating system: as long as that is the
// same the page cache is too, so nothing was lost. Opened by the broker's start, before it registers. The id of a
// run that never learned its epoch is used again: the controller may have registered it.
import path from 'node:path'
import type { Runtime } from '../runtime/runtime.ts'

const FILE = 'eyrie-incarnation.json'

interface Left {
  bootId: string
  /** Grows with each write: a kill in the middle of one leaves some directories one behind. */
  sequence: number
  /** Of the last registration that was answered, -1 before the first. */
  brokerEpoch: number
  /** Of a registration that was not answered yet. */
  pendingId: string | null
}

export class Incarnation {
  readonly id: string
  /** -1: something may have been lost since, or there was none. */
  readonly previousBrokerEpoch: number
  readonly #runtime: Runtime
  readonly #directories: readonly string[]
  readonly #bootId: string | null
  #sequence: number

  private constructor(
    options: { runtime: Runtime; directories: readonly string[] },
    found: { id: string; previousBrokerEpoch: number; bootId: string | null; sequence: number },
  ) {
    this.#runtime = options.runtime
    this.#directories = options.directories
    this.id = found.id
    this.previousBrokerEpoch = found.previousBrokerEpoch
    this.#bootId = found.bootId
    this.#sequence = found.sequence
  }

  static async open(options: {
    runtime: Runtime
    directories: readonly string[]
    /** -1 where the last stop was not clean. */
    cleanShutdownEpoch: number
  }): Promise<Incarnation> {
    const { runtime, directories, cleanShutdownEpoch } = options
    const bootId = await runtime.bootId()
    const left = await readAll(runtime, directories)
    const isSameBoot = left !== null && left.bootId === bootId
    const id = (isSameBoot ? left.pendingId : null) ?? runtime.random.uuid()
    const killedEpoch = isSameBoot ? left.brokerEpoch : -1
    const previousBrokerEpoch = cleanShutdownEpoch >= 0 ? cleanShutdownEpoch : killedEpoch
    const sequence = left?.sequence ?? 0
    const incarnation = new Incarnation(options, { id, previousBrokerEpoch, bootId, sequence })
    await incarnation.#write({ brokerEpoch: previousBrokerEpoch, pendingId: id })
    return incarnation
  }

  /** To be awaited before anything is done as this registration. */
  registered(brokerEpoch: number): Promise<void> {
    return this.#write({ brokerEpoch, pendingId: null })
  }

  async #write(known: Omit<Left, 'bootId' | 'sequence'>): Promise<void> {
    const written = await this.#writeTo(this.#directories, known)
    // Else a directory that failed would look like one that a kill left behind.
    if (written.length < this.#directories.length) await this.#writeTo(written, known)
  }

  /** Those that could be written. A disk that fails is found out by its logs. */
  async #writeTo(
    directories: readonly string[],
    known: Omit<Left, 'bootId' | 'sequence'>,
  ): Promise<readonly string[]> {
    if (this.#bootId === null) return directories
    this.#sequence += 1
    const left: Left = { bootId: this.#bootId, sequence: this.#sequence, ...known }
    const text = `${JSON.stringify(left)}\n`
    const written: string[] = []
    for (const directory of directories) {
      try {
        await this.#runtime.disk.writeFileAtomic(path.join(directory, FILE), text)
        written.push(directory)
      } catch (error) {
        this.#runtime.logger.log('warn', 'Cannot note the incarnation', { directory, error })
      }
    }
    return written
  }
}

/** What was written last; null where a directory says nothing, or misses more than one write that was under way. */
async function readAll(runtime: Runtime, directories: readonly string[]): Promise<Left | null> {
  const found: Left[] = []
  for (const directory of directories) {
    const file = path.join(directory, FILE)
    const info = await runtime.disk.stat(file)
    const left = info === null ? null : parse((await runtime.disk.readFile(file)).toString('utf8'))
    if (left === null) return null
    found.push(left)
  }
  const latest = found.reduce((one, other) => (other.sequence > one.sequence ? other : one))
  return found.every((one) => isSameOrBefore(one, latest)) ? latest : null
}

function isSameOrBefore(one: Left, latest: Left): boolean {
  if (one.sequence !== latest.sequence) return one.sequence === latest.sequence - 1
  const { bootId, brokerEpoch, pendingId } = latest
  return one.bootId === bootId && one.brokerEpoch === brokerEpoch && one.pendingId === pendingId
}

function parse(text: string): Left | null {
  let value: Partial<Left> | null
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return null
  }
  if (typeof value?.bootId !== 'string' || !Number.isSafeInteger(value.brokerEpoch)) return null
  const pendingId = typeof value.pendingId === 'string' ? value.pendingId : null
  const { bootId, brokerEpoch = -1, sequence = 0 } = value
  return Number.isSafeInteger(sequence) ? { bootId, sequence, brokerEpoch, pendingId } : null
}
