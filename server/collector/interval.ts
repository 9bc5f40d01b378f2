/** Between cycles, by the number of partitions: a large cluster is asked less often. */
export function intervalMsOf(partitions: number, isWatched: boolean): number {
  if (partitions <= 5_000) return isWatched ? 5_000 : 10_000
  const intervalMs = partitions <= 20_000 ? 30_000 : 60_000
  return isWatched ? intervalMs / 2 : intervalMs
}
