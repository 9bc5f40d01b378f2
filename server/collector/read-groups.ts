import { fetchCommittedOffsets } from '../kafka/group-offsets.ts'
import { describeGroups, isGroupGone, type ListedGroup, listGroups } from '../kafka/groups.ts'
import { fanOut, type WireClient } from '../kafka/wire-client.ts'
import type { GroupReading } from './reading.ts'

/** How many that were there before and are not listed now are looked for in one cycle. */
const LOOKED_FOR_MAX = 200

/** What is kept from one cycle to the next. */
export interface GroupMemory {
  /** Groups that were read and of which nobody has said since that they are no more. */
  known: ReadonlySet<string>
}

export function createGroupMemory(): GroupMemory {
  return { known: new Set() }
}

/** How long each broker has, and who is told of those that did not answer. */
export interface GroupConversation {
  timeoutMs(brokerId: number): number
  note(errors: ReadonlyMap<number, Error>): void
}

/**
 * Every group with its members and commits, each from its coordinator. Complete: a group that is not among them is gone.
 * While a coordinator moves both brokers may list nothing without an error, and what was listed may have no coordinator a
 * moment later: a group counts as gone when its coordinator says so.
 */
export async function readGroups(
  client: WireClient,
  brokerIds: readonly number[],
  to: { conversation: GroupConversation; memory: GroupMemory },
): Promise<{ groups: GroupReading[]; isComplete: boolean }> {
  const { conversation, memory } = to
  const listed = await fanOut(brokerIds, (brokerId) =>
    listGroups(client, [brokerId], { timeoutMs: conversation.timeoutMs(brokerId) }),
  )
  const all = [...listed.results.values()]
  for (const result of all) conversation.note(result.brokerErrors)
  const found = all.flatMap((result) => result.groups)
  const { groups, errors } = await describeAll(client, found, conversation)
  const isWhole = errors.size === 0 && all.every((result) => result.brokerErrors.size === 0)
  const read = new Set(groups.filter(hasOffsets).map((group) => group.description.groupId))
  const lost = [...memory.known].filter((groupId) => !read.has(groupId))
  const listedIds = new Set(found.map((group) => group.groupId))
  const unlisted = lost.filter((groupId) => !listedIds.has(groupId))
  const gone = isWhole ? await confirmedGone(client, unlisted, conversation) : new Set<string>()
  memory.known = new Set([...read, ...lost.filter((groupId) => !gone.has(groupId))])
  return { groups, isComplete: isWhole && memory.known.size === read.size }
}

const hasOffsets = (group: GroupReading): boolean => group.offsets !== null

async function describeAll(
  client: WireClient,
  groups: readonly ListedGroup[],
  conversation: GroupConversation,
): Promise<{ groups: GroupReading[]; errors: ReadonlyMap<number, Error> }> {
  const coordinators = new Set(groups.map((group) => group.coordinator))
  const described = await fanOut(coordinators, async (coordinator): Promise<GroupReading[]> => {
    const mine = groups.filter((group) => group.coordinator === coordinator)
    const options = { timeoutMs: conversation.timeoutMs(coordinator) }
    const [descriptions, offsets] = await Promise.all([
      describeGroups(client, coordinator, mine, options),
      fetchCommittedOffsets(
        client,
        coordinator,
        mine.map((group) => group.groupId),
        options,
      ),
    ])
    return descriptions.map((description) => ({
      description,
      coordinator,
      offsets: offsets.get(description.groupId) ?? null,
    }))
  })
  conversation.note(described.errors)
  return { groups: [...described.results.values()].flat(), errors: described.errors }
}

async function confirmedGone(
  client: WireClient,
  groupIds: readonly string[],
  conversation: GroupConversation,
): Promise<Set<string>> {
  const options = {
    timeoutMs: Math.max(0, ...client.nodeIds.map((id) => conversation.timeoutMs(id))),
  }
  const asked = groupIds.slice(0, LOOKED_FOR_MAX)
  const answers = await Promise.all(asked.map((id) => isGroupGone(client, id, options)))
  return new Set(asked.filter((_, index) => answers[index]))
}
