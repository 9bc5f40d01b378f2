import type { GetGroupLagInput, GetGroupLagOutput, LagSeries } from '../../contracts/groups.ts'
import { readClusterInventory, readGroupInventory } from '../clusters/inventory.ts'
import type { ServiceContext } from '../context.ts'
import { type Database, database } from '../db/client.ts'
import { refusal } from '../errors.ts'
import { withLagTimes } from '../lag/lag-history.ts'
import { type EndHistory, historyOf, joinedHistory } from '../lag/lag-time.ts'
import { readOlderEnds } from '../lag/older-ends.ts'
import type { OlderEnds } from '../lag/tracker.ts'
import { readGroupSamples } from '../metrics/group-samples.ts'
import { type LagHistory, lagHistory } from '../metrics/lag.ts'
import type { SampleTable } from '../metrics/read.ts'
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
  const group = { groupId: input.group, topicKeys: keys.map(([, key]) => key) }
  const samples = await readGroupSamples(db, [group], range)
  const histories = keys.flatMap(([topic, topicKey]) => {
    const table = samples.committedIn(input.group, topicKey)
    const topicEnds = samples.endsOf(topicKey)
    if (table === undefined) return []
    return [{ topic, topicKey, topicEnds, lags: lagHistory(table, topicEnds, stepMs) }]
  })
  const timed = await inTime(db, { clusterId: input.cluster, fromMs: from, histories })
  const series = timed.flatMap(({ topic, lags }): LagSeries[] =>
    lags
      .filter(({ partition }) => partition === null || input.detail === 'partitions')
      .map((history) => ({ topic, ...history })),
  )
  return { series, from, to, stepMs, asOf }
}

interface TopicLags {
  readonly topic: string
  readonly topicKey: string
  readonly topicEnds: SampleTable | undefined
  readonly lags: readonly LagHistory[]
}

/** Lag in time; ends from before the range are read for topics whose lag began there. */
async function inTime(
  db: Database,
  query: { clusterId: string; fromMs: number; histories: readonly TopicLags[] },
): Promise<TopicLags[]> {
  const { clusterId, fromMs, histories } = query
  const near = histories.map((one) => timed(one, undefined))
  const open = near.filter(({ lags }) =>
    lags.some(({ points }) => points.some((point) => point.isAtLeast)),
  )
  if (open.length === 0) return near
  const topicKeys = open.map((one) => one.topicKey)
  const older = await readOlderEnds(db, { clusterId, topicKeys, toMs: fromMs - 1 })
  return near.map((one, index) => {
    const found = older.get(one.topicKey)
    return found === undefined ? one : timed(histories[index] ?? one, found)
  })
}

function timed(one: TopicLags, older: OlderEnds | undefined): TopicLags {
  const { times, series } = one.topicEnds ?? { times: new Float64Array(0), series: [] }
  const endsOf = (partition: number): EndHistory | null => {
    const values = series.find(({ sub }) => sub === partition)?.values
    if (values === undefined) return null
    const recent = historyOf(times, values)
    const before = older?.ends.get(partition)
    if (older === undefined || before === undefined) return recent
    return joinedHistory(historyOf(older.times, before), recent)
  }
  return { ...one, lags: withLagTimes(one.lags, endsOf) }
}
