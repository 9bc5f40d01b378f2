import { expect, test } from 'vitest'
import { ErrorCode } from '../../../protocol/errors.ts'
import { encodeMessage } from '../../../protocol/message.ts'
import { ConsumerProtocolSubscription } from '../../../protocol/messages/data/consumer-protocol-subscription.ts'
import type { ClassicGroup } from './classic-group.ts'
import { deleteOffsets } from './delete-offsets.ts'
import type { GroupShard } from './shard.ts'

function subscription(version: number, ...topics: string[]): Buffer {
  const prefix = Buffer.alloc(2)
  prefix.writeInt16BE(version)
  return Buffer.concat([prefix, encodeMessage(ConsumerProtocolSubscription, version, { topics })])
}

interface Given {
  protocolType?: string | null
  state?: string
  members?: Buffer[]
  writeError?: number
}

function groupWith({ protocolType = 'consumer', state, members = [], writeError }: Given) {
  const deleted: string[] = []
  const stored = ['a-0', 'a-1', 'b-0']
  const current = state ?? (members.length > 0 ? 'Stable' : 'Empty')
  const group = {
    protocolType,
    protocolName: 'range',
    hasMembers: members.length > 0,
    isIn: (...states: string[]) => states.includes(current),
    members: new Map(
      members.map((metadata, i) => [String(i), { protocols: [{ name: 'range', metadata }] }]),
    ),
  } as unknown as ClassicGroup
  const shard = {
    get: (id: string) => (id === 'g' ? group : null),
    deleteOffsets: (
      _group: string,
      isWanted: (topic: string, partition: number) => boolean,
      done: (errorCode: number) => void,
    ) => {
      for (const name of stored) {
        const [topic = '', partition] = name.split('-')
        if (isWanted(topic, Number(partition))) deleted.push(name)
      }
      done(writeError ?? ErrorCode.NONE)
    },
  } as unknown as GroupShard
  return { shard, deleted }
}

const ask = (groupId: string, ...names: string[]) => ({
  groupId,
  topics: names.map((name) => ({ name, partitions: [{ partitionIndex: 0 }] })),
})
const outcome = (...parts: [string, number][]) => ({
  errorCode: ErrorCode.NONE,
  topics: parts.map(([name, errorCode]) => ({
    name,
    partitions: [{ partitionIndex: 0, errorCode }],
  })),
})

test('of a group without members only what was named goes; nothing stored is no error', async () => {
  const { shard, deleted } = groupWith({})
  const answer = await deleteOffsets(shard, ask('g', 'a', 'nowhere'))
  expect(answer).toEqual(outcome(['a', ErrorCode.NONE], ['nowhere', ErrorCode.NONE]))
  expect(deleted).toEqual(['a-0'])
})

test.each([0, 1, 3])('topics that a member (subscription v%i) is subscribed to stay', async (v) => {
  const { shard, deleted } = groupWith({ members: [subscription(v, 'b'), subscription(v, 'c')] })
  const answer = await deleteOffsets(shard, ask('g', 'a', 'b', 'c'))
  const stays = ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC
  expect(answer).toEqual(outcome(['a', ErrorCode.NONE], ['b', stays], ['c', stays]))
  expect(deleted).toEqual(['a-0'])
})

test('metadata that cannot be read counts as subscribed to everything', async () => {
  const { shard, deleted } = groupWith({ members: [Buffer.from([0, 1, 9, 9])] })
  const answer = await deleteOffsets(shard, ask('g', 'a'))
  expect(answer).toEqual(outcome(['a', ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC]))
  expect(deleted).toEqual([])
})

test('errors of the group stand for all: unknown, dead, nameless, at work with another protocol', async () => {
  const errorOf = async (given: Given, groupId = 'g') => {
    const { shard, deleted } = groupWith(given)
    const answer = await deleteOffsets(shard, ask(groupId, 'a'))
    expect(deleted).toEqual([])
    expect(answer.topics).toEqual([])
    return answer.errorCode
  }
  expect(await errorOf({}, 'other')).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
  expect(await errorOf({ state: 'Dead' })).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
  expect(await errorOf({}, '')).toBe(ErrorCode.INVALID_GROUP_ID)
  const connect = { protocolType: 'connect', members: [Buffer.alloc(0)] }
  expect(await errorOf(connect)).toBe(ErrorCode.NON_EMPTY_GROUP)
})

test('tombstones that could not be written are no success', async () => {
  const { shard } = groupWith({ writeError: ErrorCode.COORDINATOR_NOT_AVAILABLE })
  const answer = await deleteOffsets(shard, ask('g', 'a'))
  expect(answer).toEqual({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, topics: [] })
})
