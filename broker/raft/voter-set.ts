// Who votes in the metadata quorum, and from which offset of the log on. The newest set in the log counts, committed
// or not (Raft's rule for changing members one by one). Pure; owned by the Raft core, rebuilt from snapshot and log.
import { ZERO_UUID } from '../../protocol/primitives.ts'

export interface VoterEndpoint {
  name: string
  host: string
  port: number
}

export interface Voter {
  id: number
  /** ZERO_UUID under kraft.version 0: any directory of that node votes. */
  directoryId: string
  endpoints: readonly VoterEndpoint[]
  /** Of kraft.version. */
  minVersion: number
  maxVersion: number
}

export class VoterSet {
  readonly voters: readonly Voter[]
  readonly ids: readonly number[]

  constructor(voters: readonly Voter[]) {
    this.voters = [...voters].sort((left, right) => left.id - right.id)
    this.ids = this.voters.map(({ id }) => id)
  }

  /** Static voters: known by id alone. */
  static fromIds(ids: readonly number[]): VoterSet {
    return new VoterSet(
      ids.map((id) => ({
        id,
        directoryId: ZERO_UUID,
        endpoints: [],
        minVersion: 0,
        maxVersion: 0,
      })),
    )
  }

  get(id: number): Voter | undefined {
    return this.voters.find((voter) => voter.id === id)
  }

  /** Whether that directory of that node votes; where either side does not say which, the node counts. */
  isVoter(id: number, directoryId: string): boolean {
    const voter = this.get(id)
    if (voter === undefined) return false
    const isUnsaid = voter.directoryId === ZERO_UUID || directoryId === ZERO_UUID
    return isUnsaid || directoryId === '' || voter.directoryId === directoryId
  }

  /** Added, or replaced when the id is there. */
  with(voter: Voter): VoterSet {
    return new VoterSet([...this.voters.filter(({ id }) => id !== voter.id), voter])
  }

  without(id: number): VoterSet {
    return new VoterSet(this.voters.filter((voter) => voter.id !== id))
  }
}

/** What one control batch changes; null: stays as it was. */
export interface QuorumChange {
  voters: VoterSet | null
  kraftVersion: number | null
}

export interface QuorumChangeAt extends QuorumChange {
  /** Of the last record of the batch; -1: from the snapshot that a directory was formatted with. */
  offset: number
}

const STATIC_OFFSET = -2

export class VoterHistory {
  readonly #initial: VoterSet
  #changes: QuorumChangeAt[]
  #voters: VoterSet
  #kraftVersion = 0
  #votersOffset = STATIC_OFFSET

  /** `initial` counts until the log says otherwise. */
  constructor(initial: VoterSet, changes: readonly QuorumChangeAt[]) {
    this.#initial = initial
    this.#voters = initial
    this.#changes = [...changes].sort((left, right) => left.offset - right.offset)
    this.#recount()
  }

  get voters(): VoterSet {
    return this.#voters
  }
  get kraftVersion(): number {
    return this.#kraftVersion
  }
  /** Of the newest set in the log; -2: static voters, -1: as the directory was formatted. */
  get votersOffset(): number {
    return this.#votersOffset
  }

  append(change: QuorumChangeAt): void {
    this.#changes.push(change)
    this.#recount()
  }

  /** What lies at `offset` and above is gone. */
  truncateTo(offset: number): void {
    if ((this.#changes.at(-1)?.offset ?? -1) < offset) return
    this.#changes = this.#changes.filter((change) => change.offset < offset)
    this.#recount()
  }

  /** Everything is replaced by a snapshot that ends at `endOffset`. */
  reset(endOffset: number, change: QuorumChange | null): void {
    this.#changes = change === null ? [] : [{ offset: endOffset - 1, ...change }]
    this.#recount()
  }

  /** As of the records below `endOffset`: for a snapshot that ends there. */
  before(endOffset: number): { voters: VoterSet; kraftVersion: number } {
    const earlier = this.#changes.filter(({ offset }) => offset < endOffset)
    const { voters, kraftVersion } = new VoterHistory(this.#initial, earlier)
    return { voters, kraftVersion }
  }

  #recount(): void {
    let voters = this.#initial
    this.#kraftVersion = 0
    this.#votersOffset = STATIC_OFFSET
    for (const change of this.#changes) {
      this.#kraftVersion = change.kraftVersion ?? this.#kraftVersion
      if (change.voters === null) continue
      voters = change.voters
      this.#votersOffset = change.offset
    }
    this.#voters = voters
  }
}
