// Where the replicas of a broker that is to be emptied go: each to a broker that has none of that partition yet, on
// a rack without one where possible, and to the one that holds the fewest. Pure.

export interface PlacedPartition {
  topic: string
  partition: number
  /** The first is the preferred leader. */
  replicas: readonly number[]
}

export interface LiveBroker {
  id: number
  rack: string | null
}

interface DrainPlan {
  moves: PlacedPartition[]
  /** Partitions that have a replica on every other broker already. */
  stuck: PlacedPartition[]
}

/** `replicas` of a move keep the order, with the newcomer in the place of `leaving`. */
export function planDrain(
  partitions: readonly PlacedPartition[],
  brokers: readonly LiveBroker[],
  leaving: number,
): DrainPlan {
  const others = brokers.filter((broker) => broker.id !== leaving)
  const held = new Load(others, partitions, (replicas) => replicas)
  const preferred = new Load(others, partitions, ([first]) => (first === undefined ? [] : [first]))
  const plan: DrainPlan = { moves: [], stuck: [] }
  for (const { topic, partition, replicas } of partitions) {
    const place = replicas.indexOf(leaving)
    if (place < 0) continue
    const free = others.filter((broker) => !replicas.includes(broker.id))
    const staying = replicas.filter((id) => id !== leaving)
    const racks = new Set(others.filter(({ id }) => staying.includes(id)).map(({ rack }) => rack))
    const [newcomer] = free.sort(
      (a, b) =>
        Number(racks.has(a.rack)) - Number(racks.has(b.rack)) ||
        (place === 0 ? preferred.of(a.id) - preferred.of(b.id) : 0) ||
        held.of(a.id) - held.of(b.id) ||
        a.id - b.id,
    )
    if (newcomer === undefined) {
      plan.stuck.push({ topic, partition, replicas })
      continue
    }
    held.add(newcomer.id)
    if (place === 0) preferred.add(newcomer.id)
    const moved = replicas.map((id) => (id === leaving ? newcomer.id : id))
    plan.moves.push({ topic, partition, replicas: moved })
  }
  return plan
}

/** How many partitions count for each broker. */
class Load {
  readonly #counts: Map<number, number>

  constructor(
    brokers: readonly LiveBroker[],
    partitions: readonly PlacedPartition[],
    countsFor: (replicas: readonly number[]) => readonly number[],
  ) {
    this.#counts = new Map(brokers.map(({ id }) => [id, 0]))
    for (const { replicas } of partitions) {
      for (const id of countsFor(replicas)) if (this.#counts.has(id)) this.add(id)
    }
  }

  of(id: number): number {
    return this.#counts.get(id) ?? 0
  }

  add(id: number): void {
    this.#counts.set(id, this.of(id) + 1)
  }
}
