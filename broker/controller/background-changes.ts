// What the active controller changes by itself, piece by piece, so that no turn of the event loop is long however many
// partitions there are: the pass after a broker's coming or going (repair.ts), preferred and unclean elections. One a
// term, owned by ControllerNode. Nothing is lost with it: the next active controller begins anew from the image.
import { KafkaError } from '../../protocol/errors.ts'
import type { MetadataRecord } from '../metadata/records.ts'
import type { Logger, Timers } from '../runtime/runtime.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'
import { balanceLeaders, electUncleanLeaders } from './elections.ts'
import { beginRepair, changesBrokers, type RepairCursor, repairSlice } from './repair.ts'

export interface BackgroundSettings {
  autoLeaderRebalanceEnable: boolean
  leaderImbalanceCheckIntervalMs: number
  uncleanElectionIntervalMs: number
  maxElectionsPerRun: number
  changesPerTurnMax: number
}

export interface BackgroundChangesOptions {
  timers: Timers
  logger: Logger
  settings: BackgroundSettings
  state: () => ControllerState
  /** Throws KafkaError when this node does not lead any more. */
  append: (records: readonly MetadataRecord[]) => void
  /** Of an operation that is to run as soon as it can: what runs it then. */
  queue: (operation: () => void) => () => void
}

/** Elections that are looked for now and then. */
interface Elections {
  readonly find: (state: ControllerState, max: number) => ControllerResult<boolean>
  readonly intervalMs: number
  /** Infinity while a run is under way, and where it never is due. */
  nextMs: number
  /** Asked for while a run was under way. */
  isAskedAgain: boolean
}

export class BackgroundChanges {
  readonly #options: BackgroundChangesOptions
  readonly #balance: Elections
  readonly #unclean: Elections
  /** A pass that is under way, null when there is none. */
  #repair: RepairCursor | null = null
  #isClosed = false

  constructor(options: BackgroundChangesOptions, nowMs: number) {
    this.#options = options
    const { settings } = options
    const balanceMs = settings.leaderImbalanceCheckIntervalMs
    this.#balance = {
      find: balanceLeaders,
      intervalMs: balanceMs,
      nextMs: settings.autoLeaderRebalanceEnable ? nowMs + balanceMs : Number.POSITIVE_INFINITY,
      isAskedAgain: false,
    }
    this.#unclean = {
      find: electUncleanLeaders,
      intervalMs: settings.uncleanElectionIntervalMs,
      nextMs: nowMs,
      isAskedAgain: false,
    }
  }

  /** Call with all that was appended. */
  noteAppended(records: readonly MetadataRecord[]): void {
    if (changesBrokers(records)) this.startRepair()
  }

  /** A pass from the beginning, also where one is under way. */
  startRepair(): void {
    const isUnderWay = this.#repair !== null
    this.#repair = beginRepair(this.#options.state().image)
    if (!isUnderWay) this.#soon(() => this.#repairSome())
  }

  /** Throws KafkaError when this node does not lead any more. */
  runDueElections(nowMs: number): void {
    for (const elections of [this.#balance, this.#unclean]) {
      if (nowMs < elections.nextMs) continue
      elections.nextMs = Number.POSITIVE_INFINITY
      this.#elect(elections, this.#options.settings.maxElectionsPerRun)
    }
  }

  /** Unclean elections may have been allowed just now. */
  uncleanElectionsAreDue(nowMs: number): void {
    if (Number.isFinite(this.#unclean.nextMs)) this.#unclean.nextMs = nowMs
    else this.#unclean.isAskedAgain = true
  }

  close(): void {
    this.#isClosed = true
  }

  /** As a turn of its own; that leadership has gone meanwhile ends it. */
  #soon(task: () => void): void {
    const run = this.#options.queue(task)
    this.#options.timers.immediate(() => {
      if (this.#isClosed) return
      try {
        run()
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
      }
    })
  }

  #repairSome(): void {
    const before = this.#repair
    if (before === null) return
    const { records, reply } = repairSlice(this.#options.state(), before)
    this.#repair = reply
    if (records.length > 0) this.#options.append(records)
    if (this.#repair !== null) this.#soon(() => this.#repairSome())
  }

  /** `left`: leaders that this run may still move. */
  #elect(elections: Elections, left: number): void {
    const { settings, state, logger, append } = this.#options
    const max = Math.min(left, settings.changesPerTurnMax)
    const { records, reply: mayHaveMore } = elections.find(state(), max)
    if (records.length > 0) {
      logger.log('info', 'elects leaders', { partitions: records.length })
      append(records)
    }
    if (mayHaveMore && records.length < left) {
      this.#soon(() => this.#elect(elections, left - records.length))
      return
    }
    const { nowMs } = state()
    const isDue = mayHaveMore || elections.isAskedAgain
    elections.nextMs = isDue ? nowMs : nowMs + elections.intervalMs
    elections.isAskedAgain = false
  }
}
