// Which run of this broker comes after which, for the registration. A clean stop leaves its epoch in the log
// directories; a killed process leaves it here, with the boot id of the operating system: as long as that is the
// same the page cache is too, so nothing was lost. Opened by the broker's start, before it registers. The id of a
// run that never learned its epoch is used again: the controller may have registered it.
import path from 'node:path'
import type { Runtime } from '../runtime/runtime.ts'

const FILE = 'eyrie-incarnation.json'

interface Left {
  bootId: string
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

  private constructor(
    options: { runtime: Runtime; directories: readonly string[] },
    found: { id: string; previousBrokerEpoch: number; bootId: string | null },
  ) {
    this.#runtime = options.runtime
    this.#directories = options.directories
    this.id = found.id
    this.previousBrokerEpoch = found.previousBrokerEpoch
    this.#bootId = found.bootId
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
    const incarnation = new Incarnation(options, { id, previousBrokerEpoch, bootId })
    await incarnation.#write({ brokerEpoch: previousBrokerEpoch, pendingId: id })
    return incarnation
  }

  /** To be awaited before anything is done as this registration. */
  registered(brokerEpoch: number): Promise<void> {
    return this.#write({ brokerEpoch, pendingId: null })
  }

  async #write(left: Omit<Left, 'bootId'>): Promise<void> {
    if (this.#bootId === null) return
    const text = `${JSON.stringify({ bootId: this.#bootId, ...left })}\n`
    for (const directory of this.#directories) {
      try {
        await this.#runtime.disk.writeFileAtomic(path.join(directory, FILE), text)
      } catch (error) {
        // A failing disk is found out by its logs; the next start sees that the directories do not agree.
        this.#runtime.logger.log('warn', 'Cannot note the incarnation', { directory, error })
      }
    }
  }
}

/** What all directories say alike; null otherwise. */
async function readAll(runtime: Runtime, directories: readonly string[]): Promise<Left | null> {
  const texts = new Set<string>()
  for (const directory of directories) {
    const file = path.join(directory, FILE)
    const info = await runtime.disk.stat(file)
    texts.add(info === null ? '' : (await runtime.disk.readFile(file)).toString('utf8'))
  }
  const [text = '', ...others] = texts
  return others.length > 0 ? null : parse(text)
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
  return { bootId: value.bootId, brokerEpoch: value.brokerEpoch ?? -1, pendingId }
}
