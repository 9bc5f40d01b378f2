// What the members of a group were told and promised in a run, and what must hold of it: a generation is one assignment,
// in which a partition is one member's; no acknowledged commit is lost; who belongs to an old generation commits no more.

/** What the leader of a generation decided, with a stamp of its own. */
export interface Plan {
  stamp: string
  owners: Readonly<Record<string, readonly number[]>>
}

export class GroupLedger {
  /** Generations that somebody was given an assignment of. */
  readonly #plans = new Map<number, string>()
  readonly #owners = new Map<string, string>()
  readonly #acknowledged: number[]
  readonly #asked: number[]
  readonly #complain: (what: string) => void
  newestGeneration = 0
  commits = 0

  constructor(partitions: number, complain: (what: string) => void) {
    this.#acknowledged = Array.from({ length: partitions }, () => 0)
    this.#asked = Array.from({ length: partitions }, () => 0)
    this.#complain = complain
  }

  get generations(): number {
    return this.#plans.size
  }

  /** A member was given its part of a generation. */
  takePart(generation: number, memberId: string, plan: Plan): readonly number[] {
    const other = this.#plans.get(generation)
    if (other !== undefined && other !== plan.stamp) {
      this.#complain(`generation ${generation} is there twice: ${other} and ${plan.stamp}`)
    }
    this.#plans.set(generation, plan.stamp)
    this.newestGeneration = Math.max(this.newestGeneration, generation)
    const part = plan.owners[memberId] ?? []
    for (const partition of part) {
      const key = `${generation}/${partition}`
      const owner = this.#owners.get(key) ?? memberId
      if (owner !== memberId) {
        this.#complain(`partition ${partition} of generation ${generation} has two owners`)
      }
      this.#owners.set(key, memberId)
    }
    return part
  }

  acknowledged(partition: number): number {
    return this.#acknowledged[partition] ?? 0
  }

  /** A new owner was told where to begin; `before`: what was acknowledged as it asked. */
  begin(partition: number, offset: number, before: number): void {
    if (offset >= before && offset <= this.asked(partition)) return
    this.#complain(
      `a member of the group begins partition ${partition} at ${offset}; ${before} was acknowledged, ` +
        `${this.asked(partition)} asked for`,
    )
  }

  asked(partition: number): number {
    return this.#asked[partition] ?? 0
  }

  ask(partition: number, offset: number): void {
    this.#asked[partition] = Math.max(this.asked(partition), offset)
  }

  /** `newestAsAsked`: the newest generation that anybody had a part of as the commit was sent. */
  commit(
    partition: number,
    offset: number,
    from: { generation: number; newestAsAsked: number },
  ): void {
    if (from.generation < from.newestAsAsked) {
      this.#complain(
        `a commit of generation ${from.generation} was taken while ${from.newestAsAsked} was there`,
      )
    }
    this.commits++
    this.#acknowledged[partition] = Math.max(this.acknowledged(partition), offset)
  }
}
