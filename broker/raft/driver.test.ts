import { afterEach, describe, expect, test } from 'vitest'
import { RaftNodes } from '../../tests/support/raft-nodes.ts'

let quorum: RaftNodes

async function start(voters: number, seed = 1, settings = {}): Promise<RaftNodes> {
  quorum = new RaftNodes({ seed, voters, settings })
  await quorum.startAll()
  return quorum
}

afterEach(() => expect(quorum.fatal).toEqual([]))

describe('RaftNode', () => {
  test('alone elects itself, commits, and remembers over restarts', async () => {
    const { world } = await start(1)
    await quorum.commit('a')
    await quorum.commit('b')
    quorum.kill(1)
    await quorum.start(1)
    await world.runUntil(() => quorum.member(1).heard.values.length === 2)
    expect(quorum.member(1).heard.values).toEqual(['a', 'b'])
    const { epoch } = quorum.member(1).node.leaderAndEpoch
    expect(epoch).toBe(2)
  })

  test('three members elect a leader, commit and tell every listener the same', async () => {
    const { world } = await start(3)
    await quorum.commit('a')
    await quorum.commit('b')
    for (const member of quorum.members.values()) {
      expect(member.heard.values).toEqual(['a', 'b'])
      expect(member.heard.leaders.at(-1)).toEqual(quorum.leader()?.node.leaderAndEpoch)
    }
    expect(world.elapsedMs()).toBeLessThan(3000)
  })

  test('one group commit carries what is appended while another is written', async () => {
    await start(3)
    const leader = await quorum.activeLeader()
    const { epoch } = leader.node.leaderAndEpoch
    const values = Array.from({ length: 50 }, (_unused, index) => `v${index}`)
    const offsets = values.map((value) => leader.node.scheduleAppend(epoch, [Buffer.from(value)]))
    const first = offsets[0] ?? 0
    expect(offsets).toEqual(values.map((_value, index) => first + index))
    await quorum.commit('last')
    for (const { heard } of quorum.members.values())
      expect(heard.values).toEqual([...values, 'last'])
  })

  test('refuses to append in an epoch it does not lead', async () => {
    await start(3)
    const leader = await quorum.activeLeader()
    const { epoch } = leader.node.leaderAndEpoch
    expect(leader.node.scheduleAppend(epoch - 1, [Buffer.from('x')])).toBeNull()
    const follower = [...quorum.members.values()].find((member) => member !== leader)
    expect(follower?.node.scheduleAppend(epoch, [Buffer.from('x')])).toBeNull()
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a killed leader is succeeded well within a second, seed %i',
    async (seed) => {
      const { world } = await start(3, seed)
      await quorum.commit('before')
      const old = await quorum.activeLeader()
      const killedMs = world.elapsedMs()
      quorum.kill(old.id)
      const successor = await quorum.activeLeader()
      expect(world.elapsedMs() - killedMs).toBeLessThan(700)
      expect(successor.id).not.toBe(old.id)
      await quorum.commit('after')
      await quorum.start(old.id)
      await world.runUntil(() => quorum.member(old.id).heard.values.length === 2)
      expect(quorum.member(old.id).heard.values).toEqual(['before', 'after'])
    },
  )

  test('a false rumour of refusal bumps no epoch', async () => {
    const { world } = await start(3)
    await quorum.commit('a')
    const leader = await quorum.activeLeader()
    const { epoch } = leader.node.leaderAndEpoch
    const follower = [...quorum.members.values()].find((member) => member !== leader)
    // The listener goes away for a moment, its connections end: it looks like a dead leader to one
    // follower.
    await world.run(leader.listener.close())
    await world.runFor(5)
    expect(follower?.node.leaderAndEpoch.epoch).toBe(epoch)
  })

  test('keeps every commit when all lose power at once', async () => {
    const { world } = await start(3)
    await quorum.commit('a')
    await quorum.commit('b')
    for (const id of quorum.ids) quorum.kill(id, true)
    await quorum.startAll()
    await quorum.commit('c')
    await world.runFor(1000)
    for (const { heard } of quorum.members.values()) expect(heard.values).toEqual(['a', 'b', 'c'])
  })

  test('a controlled shutdown hands leadership over', async () => {
    const { world } = await start(3)
    await quorum.commit('a')
    const old = await quorum.activeLeader()
    const beganMs = world.elapsedMs()
    await world.run(old.node.shutdown())
    await world.run(old.listener.close())
    quorum.kill(old.id)
    await quorum.commit('b')
    expect(world.elapsedMs() - beganMs).toBeLessThan(700)
  })

  test('a member that was away takes a snapshot, then the log behind it', async () => {
    const { world } = await start(3, 1, { maxRetentionBytes: 0, fetchSnapshotMaxBytes: 100 })
    await quorum.commit('a')
    const away = [...quorum.members.values()].find((member) => member !== quorum.leader())
    const awayId = away?.id ?? 0
    quorum.kill(awayId)
    for (const value of ['b', 'c', 'd']) {
      const offset = await quorum.commit(value)
      for (const member of quorum.members.values()) {
        const { epoch } = member.node.leaderAndEpoch
        const records = member.heard.values.map((text) => Buffer.from(text))
        const meta = { endOffset: offset + 1, epoch, lastContainedLogTimestampMs: 7 }
        await world.run(member.node.createSnapshot({ ...meta, records }))
      }
    }
    const leader = await quorum.activeLeader()
    expect(leader.log.logStartOffset).toBeGreaterThan(0)
    const files = await world.run(leader.runtime.disk.readdir(leader.log.directory))
    expect(files.filter((name) => name.endsWith('.checkpoint')).length).toBe(1)
    const back = await quorum.start(awayId)
    await quorum.commit('e')
    expect(back.heard.snapshots).toBe(1)
    expect(back.heard.values).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(back.log.logStartOffset).toBe(leader.log.logStartOffset)
    quorum.kill(awayId)
    const again = await quorum.start(awayId)
    await world.runUntil(() => again.heard.values.length === 5)
    expect(again.heard.values).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('truncates what an old leader wrote and nobody had', async () => {
    const { world } = await start(3)
    await quorum.commit('a')
    const old = await quorum.activeLeader()
    for (const id of quorum.ids) if (id !== old.id) world.partition(`node${old.id}`, `node${id}`)
    const { epoch } = old.node.leaderAndEpoch
    old.node.scheduleAppend(epoch, [Buffer.from('lost')])
    await world.runUntil(() =>
      [...quorum.members.values()].some(
        ({ id, node }) => id !== old.id && node.leaderAndEpoch.leaderId === id,
      ),
    )
    world.healAll()
    await world.runFor(3000)
    await quorum.commit('b')
    for (const { heard } of quorum.members.values()) expect(heard.values).toEqual(['a', 'b'])
  })

  test('describes the quorum on its leader only', async () => {
    const { world } = await start(3)
    const offset = await quorum.commit('a')
    await world.runFor(100)
    const leader = await quorum.activeLeader()
    const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
    const response = leader.node.handleDescribeQuorum({ topics })
    expect(response.topics?.[0]?.partitions?.[0]).toMatchObject({
      leaderId: leader.id,
      highWatermark: offset + 1,
      currentVoters: quorum.ids.map((replicaId) => ({ replicaId, logEndOffset: offset + 1 })),
    })
    const follower = [...quorum.members.values()].find((member) => member !== leader)
    const refused = follower?.node.handleDescribeQuorum({ topics })
    expect(refused?.topics?.[0]?.partitions?.[0]?.errorCode).toBe(6)
  })

  test('writes quorum-state as Kafka does', async () => {
    const { world } = await start(1)
    await quorum.commit('a')
    const { runtime, log } = quorum.member(1)
    const text = await world.run(runtime.disk.readFile(`${log.directory}/quorum-state`))
    expect(JSON.parse(text.toString())).toEqual({
      clusterId: '',
      leaderId: 1,
      leaderEpoch: 1,
      votedId: 1,
      appliedOffset: 0,
      currentVoters: [{ voterId: 1 }],
      data_version: 0,
    })
  })
})
