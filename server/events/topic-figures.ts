import type { TopicItem } from '../../contracts/topics.ts'
import { entityOf, type FieldName } from '../metrics/fields.ts'
import type { SampleTable } from '../metrics/read.ts'
import type { TopicFacts } from './facts.ts'
import {
  lastCycleMs,
  lastOf,
  lastRow,
  ofCycle,
  type Past,
  rateOf,
  readPastSamples,
} from './past-samples.ts'

const FIGURES = [
  'offsetSpan',
  'sizeBytes',
  'messagesInRate',
  'bytesInRate',
  'bytesOutRate',
] as const
export type TopicFigure = (typeof FIGURES)[number]

export type TopicFigures = Pick<TopicItem, TopicFigure> & {
  /** By partition; what is sampled as end offset is the high watermark. */
  readonly logStarts: ReadonlyMap<number, number>
  readonly highWatermarks: ReadonlyMap<number, number>
}

export const NO_TOPIC_FIGURES: TopicFigures = {
  ...{ offsetSpan: null, sizeBytes: null, messagesInRate: null },
  ...{ bytesInRate: null, bytesOutRate: null },
  ...{ logStarts: new Map(), highWatermarks: new Map() },
}

/** What each is worked out of. */
const SOURCES: Readonly<Record<TopicFigure, readonly FieldName[]>> = {
  offsetSpan: ['logStartOffset', 'logEndOffset'],
  sizeBytes: ['sizeBytes'],
  messagesInRate: ['logEndOffset'],
  bytesInRate: ['bytesIn'],
  bytesOutRate: ['bytesOut'],
}

export function isTopicFigure(column: string): column is TopicFigure {
  return (FIGURES as readonly string[]).includes(column)
}

/**
 * Of each topic by its key what the samples up to then say; those that are not asked for are null, as is what the last
 * cycle did not learn. A topic of which no broker counted any byte has no counter of bytes: its rate is 0 as long as
 * brokers answered.
 */
export async function topicFiguresAt(
  past: Past,
  topics: ReadonlyMap<string, TopicFacts>,
  asked: { brokers: Iterable<number>; figures?: readonly TopicFigure[] },
): Promise<(key: string) => TopicFigures> {
  const { figures = FIGURES } = asked
  const fields = new Set(figures.flatMap((figure) => SOURCES[figure]))
  const wanted = (field: FieldName): boolean => fields.has(field)
  const entities = Array.from(topics.keys(), (key) => entityOf.topic(key))
  const isAsked = (...some: FieldName[]): boolean => some.some((field) => fields.has(field))
  const cycleMs = await lastCycleMs(past)
  const logs = isAsked('logStartOffset', 'logEndOffset', 'sizeBytes')
    ? await readPastSamples(past, { entities, family: 'log', wanted })
    : null
  const traffic = isAsked('bytesIn', 'bytesOut')
    ? await readPastSamples(past, { entities, family: 'traffic', wanted })
    : null
  const isCounted = traffic !== null && (await haveBrokersCounted(past, asked.brokers, cycleMs))
  return (key) => {
    const entity = entityOf.topic(key)
    const bytes = traffic?.get(entity)
    const rate = (field: 'bytesIn' | 'bytesOut'): number | null => {
      if (!fields.has(field)) return null
      const has = bytes?.series.some((one) => one.field === field) ?? false
      return has ? rateOf(ofCycle(bytes, cycleMs), field) : isCounted ? 0 : null
    }
    return {
      ...logFigures(ofCycle(logs?.get(entity), cycleMs), topics.get(key)?.partitions.length ?? 0),
      ...{ bytesInRate: rate('bytesIn'), bytesOutRate: rate('bytesOut') },
    }
  }
}

function logFigures(
  table: SampleTable | undefined,
  partitions: number,
): Omit<TopicFigures, 'bytesInRate' | 'bytesOutRate'> {
  const logStarts = lastRow(table, 'logStartOffset')
  const highWatermarks = lastRow(table, 'logEndOffset')
  let offsetSpan: number | null = partitions === 0 ? null : 0
  for (let partition = 0; partition < partitions; partition++) {
    const [start, end] = [logStarts.get(partition), highWatermarks.get(partition)]
    if (start === undefined || end === undefined) offsetSpan = null
    else if (offsetSpan !== null) offsetSpan += Math.max(0, end - start)
  }
  const sizeBytes = lastOf(table, 'sizeBytes')
  const messagesInRate = rateOf(table, 'logEndOffset')
  return { logStarts, highWatermarks, offsetSpan, sizeBytes, messagesInRate }
}

async function haveBrokersCounted(
  past: Past,
  brokers: Iterable<number>,
  cycleMs: number | null,
): Promise<boolean> {
  const entities = Array.from(brokers, (id) => entityOf.broker(id))
  const wanted = (field: FieldName): boolean => field === 'bytesIn'
  const tables = await readPastSamples(past, { entities, family: 'traffic', wanted })
  return [...tables.values()].some((table) => rateOf(ofCycle(table, cycleMs), 'bytesIn') !== null)
}
