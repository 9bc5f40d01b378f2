import type { GetGroupLagInput, GetGroupLagOutput, LagSeries } from '../../contracts/groups.ts'
import { readClusterInventory, readGroupInventory } from '../clusters/inventory.ts'
import type { ServiceContext } from '../context.ts'
import { database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { entityOf } from '../metrics/fields.ts'
import { lagHistory } from '../metrics/lag.ts'
import { readSamples } from '../metrics/read.ts'
import { chooseStepMs } from '../metrics/resample.ts'

const DEFAULT_SPAN_MS = 3_600_000

/** From the samples; a deleted group's too. `to` defaults to now, `from` to an hour before. */
export async function getGroupLag({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: GetGroupLagInput
}): Promise<GetGroupLagOutput> {
  const { asOf } = await readClusterInventory(input.cluster)
  const known = await readGroupInventory(input.cluster, input.group)
  if (known === null) throw refusal('group-unknown', { group: input.group })
  const to = input.to ?? ctx.nowMs()
  const from = input.from ?? to - DEFAULT_SPAN_MS
  if (from >= to) throw refusal('range-empty')
  const stepMs = chooseStepMs({ fromMs: from, toMs: to, stepMs: input.step })
  const keys = Object.entries(known.detail.topicKeys).filter(
    ([topic]) => input.topic === undefined || topic === input.topic,
  )
  const db = await database()
  const range = { clusterId: input.cluster, fromMs: from, toMs: to, stepMs }
  const [committed, ends] = await Promise.all([
    readSamples(db, {
      ...range,
      entities: keys.map(([, key]) => entityOf.groupTopic(input.group, key)),
      family: 'offsets',
    }),
    readSamples(db, {
      ...range,
      entities: keys.map(([, key]) => entityOf.topic(key)),
      family: 'log',
      wanted: (field) => field === 'logEndOffset',
    }),
  ])
  const series = keys.flatMap(([topic, key]): LagSeries[] => {
    const table = committed.get(entityOf.groupTopic(input.group, key))
    if (table === undefined) return []
    return lagHistory(table, ends.get(entityOf.topic(key)), stepMs)
      .filter(({ partition }) => partition === null || input.detail === 'partitions')
      .map((history) => ({ topic, ...history }))
  })
  return { series, from, to, stepMs, asOf }
}
