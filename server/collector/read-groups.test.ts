// A group is gone when its coordinator says so, not when it is missing from a list.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { OffsetFetch } from '../../protocol/schemas/09-offset-fetch.ts'
import { FindCoordinator } from '../../protocol/schemas/10-find-coordinator.ts'
import { DescribeGroups } from '../../protocol/schemas/15-describe-groups.ts'
import { ListGroups } from '../../protocol/schemas/16-list-groups.ts'
import { fetchClusterState } from '../kafka/describe-cluster.ts'
import { WireClient } from '../kafka/wire-client.ts'
import { FakeBroker } from '../testing/fake-broker.ts'
import { createGroupMemory, readGroups } from './read-groups.ts'

/** What the one broker says; `describe` and `fetch`: its error code for each group. */
const says = {
  listed: [] as string[],
  listError: 0,
  isCoordinator: true,
  describe: (_: string): { code: number; state: string } => ({ code: 0, state: 'Empty' }),
  fetch: (_: string): number => 0,
}
let broker: FakeBroker
let client: WireClient
let memory = createGroupMemory()

beforeEach(async () => {
  memory = createGroupMemory()
  says.listError = 0
  says.isCoordinator = true
  says.describe = (id) => ({ code: 0, state: says.listed.includes(id) ? 'Empty' : 'Dead' })
  says.fetch = () => 0
  broker = await FakeBroker.start()
  const node = { nodeId: 1, host: '127.0.0.1', port: broker.port, rack: null }
  broker.on(Metadata, () => ({ brokers: [node], controllerId: 1, topics: [] }))
  broker.on(ListGroups, () => ({
    errorCode: says.listError,
    groups: says.listed.map((groupId) => ({ groupId, protocolType: 'consumer' })),
  }))
  broker.on(DescribeGroups, ({ groups }) => ({
    groups: groups.map((groupId) => {
      const { code, state } = says.describe(groupId)
      return { groupId, errorCode: code, groupState: state, protocolType: 'consumer' }
    }),
  }))
  broker.on(OffsetFetch, ({ groups }) => ({
    groups: groups.map(({ groupId }) => ({ groupId, topics: [], errorCode: says.fetch(groupId) })),
  }))
  broker.on(FindCoordinator, () => {
    const { isCoordinator } = says
    const errorCode = isCoordinator ? ErrorCode.NONE : ErrorCode.COORDINATOR_NOT_AVAILABLE
    return { coordinators: [{ ...node, key: 'g', nodeId: isCoordinator ? 1 : -1, errorCode }] }
  })
  client = new WireClient({ bootstrap: [{ host: '127.0.0.1', port: broker.port }] })
  await fetchClusterState(client, [])
})
afterEach(async () => {
  client.close()
  await broker.close()
})

async function read(): Promise<{ ids: string[]; isComplete: boolean }> {
  const conversation = { timeoutMs: () => 60_000, note: () => undefined }
  const { groups, isComplete } = await readGroups(client, [1], { conversation, memory })
  return { ids: groups.map((group) => group.description.groupId).sort(), isComplete }
}

test('a group that was deleted is gone at once', async () => {
  says.listed = ['a', 'b']
  expect(await read()).toEqual({ ids: ['a', 'b'], isComplete: true })
  says.listed = ['b']
  expect(await read()).toEqual({ ids: ['b'], isComplete: true })
})

test('a group that nobody lists while its coordinator moves is not gone', async () => {
  says.listed = ['a', 'b']
  await read()
  says.listed = ['b']
  says.isCoordinator = false
  expect(await read()).toEqual({ ids: ['b'], isComplete: false })
  says.isCoordinator = true
  says.describe = () => ({ code: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, state: '' })
  expect((await read()).isComplete).toBe(false)
  says.describe = () => ({ code: ErrorCode.NOT_COORDINATOR, state: '' })
  expect((await read()).isComplete).toBe(false)
  says.describe = () => ({ code: 0, state: 'Stable' })
  expect(await read()).toEqual({ ids: ['b'], isComplete: false })
  says.listed = ['a', 'b']
  expect(await read()).toEqual({ ids: ['a', 'b'], isComplete: true })
})

test('a group that is listed but has lost its coordinator since is not gone', async () => {
  says.listed = ['a', 'b']
  await read()
  says.describe = (id) => ({ code: id === 'a' ? ErrorCode.NOT_COORDINATOR : 0, state: 'Empty' })
  expect(await read()).toEqual({ ids: ['b'], isComplete: false })
  says.describe = () => ({ code: 0, state: 'Empty' })
  says.fetch = (id) => (id === 'a' ? ErrorCode.COORDINATOR_LOAD_IN_PROGRESS : 0)
  expect((await read()).isComplete).toBe(false)
})

test('a group that was never allowed to be read does not hold up the others', async () => {
  says.listed = ['a', 'secret']
  says.describe = (id) =>
    id === 'secret'
      ? { code: ErrorCode.GROUP_AUTHORIZATION_FAILED, state: '' }
      : { code: 0, state: says.listed.includes(id) ? 'Empty' : 'Dead' }
  expect(await read()).toEqual({ ids: ['a'], isComplete: true })
  says.listed = ['secret']
  expect(await read()).toEqual({ ids: [], isComplete: true })
})

test('where a broker does not list its groups, none is gone', async () => {
  says.listed = ['a']
  await read()
  says.listed = []
  says.listError = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  expect(await read()).toEqual({ ids: [], isComplete: false })
  says.listError = 0
  expect(await read()).toEqual({ ids: [], isComplete: true })
})
