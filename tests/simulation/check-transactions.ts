// Whether transactions were atomic: seen in all partitions or in none, what was acknowledged among them, in order and
// once; the group's offset goes with them; none is left open.

import type { TopicHandle } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'
import { CommittedReader } from './committed-reader.ts'
import type { Transactor } from './transactor.ts'

export async function checkTransactions(
  cluster: SimulatedCluster,
  topic: TopicHandle,
  seen: { transactor: Transactor; readers: readonly CommittedReader[]; groupOffset: number },
): Promise<void> {
  const { transactor, readers, groupOffset } = seen
  const complain = (what: string) => cluster.violations.push(`${topic.name}: ${what}`)
  const finals = readers.map(
    ({ partition }) => new CommittedReader(cluster, topic, { partition, untilHighWatermark: true }),
  )
  await Promise.all(finals.map((reader) => reader.done))
  const [first] = finals
  if (first === undefined) return
  for (const { partition, values } of finals) {
    const isOrdered = values.every(
      (value, index) => index === 0 || value > (values[index - 1] ?? 0),
    )
    if (!isOrdered) complain(`partition ${partition} has ${values}, out of order or twice`)
    const there = new Set(values)
    for (const [number, outcome] of transactor.outcomes) {
      if (outcome === 'committed' && !there.has(number)) {
        complain(`transaction ${number} was committed and is not in partition ${partition}`)
      }
      if (outcome === 'aborted' && there.has(number)) {
        complain(`transaction ${number} was aborted and is in partition ${partition}`)
      }
      if (there.has(number) !== first.values.includes(number)) {
        complain(
          `transaction ${number} is half seen: not the same in partitions 0 and ${partition}`,
        )
      }
    }
    const early = readers.find((reader) => reader.partition === partition)?.values ?? []
    const gone = early.find((value) => !there.has(value))
    if (gone !== undefined) complain(`a reader of ${partition} was given ${gone}, which is gone`)
  }
  const last = first.values.at(-1) ?? -1
  if (groupOffset !== last) {
    complain(`the last transaction is ${last}, the group's offset is of ${groupOffset}`)
  }
}
