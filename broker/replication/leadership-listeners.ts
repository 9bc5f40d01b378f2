// Coordinators' ears: who wants to hear when a partition of a topic begins or ends to be led here.

export interface LeadershipListener {
  elected(partition: number, leaderEpoch: number): void
  resigned(partition: number, leaderEpoch: number | null): void
}

export class LeadershipListeners {
  readonly #listeners = new Map<string, LeadershipListener[]>()

  add(topic: string, listener: LeadershipListener): void {
    const listeners = this.#listeners.get(topic)
    if (listeners === undefined) this.#listeners.set(topic, [listener])
    else listeners.push(listener)
  }

  hasFor(topic: string): boolean {
    return this.#listeners.has(topic)
  }

  elected(topic: string, partition: number, leaderEpoch: number): void {
    for (const each of this.#listeners.get(topic) ?? []) each.elected(partition, leaderEpoch)
  }

  /** `leaderEpoch` null: the replica is gone from here altogether. */
  resigned(topic: string, partition: number, leaderEpoch: number | null): void {
    for (const each of this.#listeners.get(topic) ?? []) each.resigned(partition, leaderEpoch)
  }
}
