// What a broker's coming or going leaves to do, a bounded piece at a time: whoever is not active, or has lost the
// directory, leaves the ISRs, and partitions that nobody leads get a leader where one may be had. It reads the image
// alone, so it may start again at any time: BackgroundChanges starts it when a broker's registration has changed, and
// when a controller becomes active. Pure.
import { NO_LEADER } from '../metadata/image.ts'
import type { MetadataImage, PartitionImage } from '../metadata/image-types.ts'
import type { MetadataRecord, MetadataRecordOf } from '../metadata/records.ts'
import type { ControllerResult, ControllerState } from './controller-state.ts'
import { changerFor, leaderAcceptor } from './elections.ts'

/** Where a pass over all partitions stands. Topics made after it began were made for the brokers of then. */
export interface RepairCursor {
  readonly topicIds: readonly string[]
  readonly topic: number
  readonly partition: number
}

/** Looked at in one turn. */
const PARTITIONS_PER_TURN_MAX = 4000

export function beginRepair(image: MetadataImage): RepairCursor {
  return { topicIds: [...image.topicsById.keys()], topic: 0, partition: 0 }
}

/** Whether records call for a pass. */
export function changesBrokers(records: readonly MetadataRecord[]): boolean {
  return records.some(
    ({ type }) => type === 'brokerRegistrationChange' || type === 'unregisterBroker',
  )
}

/** `reply`: where to go on; null when the pass is through. */
export function repairSlice(
  state: ControllerState,
  cursor: RepairCursor,
): ControllerResult<RepairCursor | null> {
  const { image, settings } = state
  const records: MetadataRecord[] = []
  const { topicIds } = cursor
  let { topic, partition } = cursor
  let seen = 0
  for (; topic < topicIds.length; topic += 1, partition = 0) {
    const found = image.topicsById.get(topicIds[topic] ?? '')
    if (found === undefined) continue
    const change = changerFor(state, found)
    for (; partition < found.partitions.length; partition += 1, seen += 1) {
      const isFull = records.length >= settings.changesPerTurnMax
      if (isFull || seen >= PARTITIONS_PER_TURN_MAX) {
        return { records, reply: { topicIds, topic, partition } }
      }
      const current = found.partitions[partition] as PartitionImage
      const record = repair(current, leaderAcceptor(image, current), change)
      if (record !== null) records.push(record)
    }
  }
  return { records, reply: null }
}

function repair(
  partition: PartitionImage,
  isGood: (replica: number) => boolean,
  change: ReturnType<typeof changerFor>,
): MetadataRecord | null {
  const { leader, isr } = partition
  if (leader !== NO_LEADER) {
    return isGood(leader) && isr.every(isGood) ? null : change(partition, isr.filter(isGood))
  }
  const record = change(partition, isr)
  return record !== null && leaderOf(record) >= 0 ? record : null
}

function leaderOf(record: MetadataRecord): number {
  if (record.type !== 'partitionChange') return NO_LEADER
  const { leader }: MetadataRecordOf<'partitionChange'>['value'] = record.value
  return leader
}
