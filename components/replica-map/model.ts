export type MapPartition = {
  readonly partition: number
  readonly leader: number | null
  /** The preferred leader first. */
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export type MapBroker = { readonly broker: number; readonly isOnline: boolean }

export type CellKind = 'none' | 'leader' | 'in-sync' | 'out-of-sync' | 'offline'

export type MapCell = {
  readonly kind: CellKind
  /** How much of the cell is filled: 1 for a leader, the share of leaders in a folded cell. */
  readonly leaderShare: number
  /** The preferred replica sits here and does not lead. */
  readonly isPreferredIdle: boolean
  /** Differs from the map it is compared with. */
  readonly isChanged: boolean
}

export type MapColumn = {
  readonly key: string
  readonly label: string
  /** One a broker, in the order of the brokers. */
  readonly cells: readonly MapCell[]
}

const EMPTY: MapCell = {
  kind: 'none',
  leaderShare: 0,
  isPreferredIdle: false,
  isChanged: false,
}

const kindOf = (partition: MapPartition, { broker, isOnline }: MapBroker): CellKind => {
  if (!partition.replicas.includes(broker)) return 'none'
  if (!isOnline) return 'offline'
  if (partition.leader === broker) return 'leader'
  return partition.isr.includes(broker) ? 'in-sync' : 'out-of-sync'
}

export const partitionCell = (partition: MapPartition, broker: MapBroker): MapCell => {
  const kind = kindOf(partition, broker)
  if (kind === 'none') return EMPTY
  return {
    kind,
    leaderShare: kind === 'leader' ? 1 : 0,
    isPreferredIdle: partition.replicas[0] === broker.broker && partition.leader !== broker.broker,
    isChanged: false,
  }
}

export const partitionCells = (
  partition: MapPartition,
  brokers: readonly MapBroker[],
): readonly MapCell[] => brokers.map((broker) => partitionCell(partition, broker))

/** Worst first: what is wrong must not hide behind what is well. */
const SEVERITY: readonly CellKind[] = ['offline', 'out-of-sync', 'leader', 'in-sync', 'none']

/** All partitions of a topic on one broker as one cell; it is filled by the share that lead. */
export const foldCell = (partitions: readonly MapPartition[], broker: MapBroker): MapCell => {
  const cells = partitions.map((one) => partitionCell(one, broker))
  const held = cells.filter((cell) => cell.kind !== 'none')
  if (held.length === 0) return EMPTY
  const kinds = new Set(held.map((cell) => cell.kind))
  return {
    kind: SEVERITY.find((kind) => kinds.has(kind)) ?? 'none',
    leaderShare: held.filter((cell) => cell.kind === 'leader').length / held.length,
    isPreferredIdle: held.some((cell) => cell.isPreferredIdle),
    isChanged: false,
  }
}

export const foldTopics = (
  topics: readonly { readonly name: string; readonly partitions: readonly MapPartition[] }[],
  brokers: readonly MapBroker[],
): readonly MapColumn[] =>
  topics.map((topic) => ({
    key: topic.name,
    label: topic.name,
    cells: brokers.map((broker) => foldCell(topic.partitions, broker)),
  }))

export const partitionColumns = (
  partitions: readonly MapPartition[],
  brokers: readonly MapBroker[],
): readonly MapColumn[] =>
  partitions.map((partition) => ({
    key: String(partition.partition),
    label: String(partition.partition),
    cells: partitionCells(partition, brokers),
  }))

/** Leadership that comes or goes is what a reader looks for; the rest shows in the shapes. */
const isSameCell = (a: MapCell, b: MapCell): boolean =>
  (a.kind === 'leader') === (b.kind === 'leader')

/** `columns` with the cells marked that lead only here or only in `reference`. */
export const markChanges = (
  columns: readonly MapColumn[],
  reference: readonly MapColumn[],
): readonly MapColumn[] => {
  const known = new Map(reference.map((column) => [column.key, column]))
  return columns.map((column) => ({
    ...column,
    cells: column.cells.map((cell, index) => {
      const other = known.get(column.key)?.cells[index]
      return other !== undefined && !isSameCell(cell, other) ? { ...cell, isChanged: true } : cell
    }),
  }))
}

export type MapSummary = {
  readonly leaders: number
  readonly inSync: number
  readonly outOfSync: number
  readonly offline: number
  readonly notPreferred: number
}

export const summarize = (partitions: readonly MapPartition[], brokers: readonly MapBroker[]) => {
  const summary = { leaders: 0, inSync: 0, outOfSync: 0, offline: 0, notPreferred: 0 }
  for (const partition of partitions) {
    for (const broker of brokers) {
      const cell = partitionCell(partition, broker)
      if (cell.kind === 'leader') summary.leaders += 1
      if (cell.kind === 'leader' || cell.kind === 'in-sync') summary.inSync += 1
      if (cell.kind === 'out-of-sync') summary.outOfSync += 1
      if (cell.kind === 'offline') summary.offline += 1
      if (cell.isPreferredIdle) summary.notPreferred += 1
    }
  }
  return summary satisfies MapSummary
}
