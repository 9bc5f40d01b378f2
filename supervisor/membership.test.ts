import { expect, test } from 'vitest'
import type { ClusterRecord } from './layout.ts'
import { newMember, replicationWithout, voterCount } from './membership.ts'
import { serverProperties } from './properties.ts'

const cluster: ClusterRecord = {
  clusterId: 'c',
  host: '127.0.0.1',
  brokers: [1, 2, 3].map((id) => ({
    id,
    port: 28_500 + id,
    controllerPort: 28_600 + id,
    jolokiaPort: 28_700 + id,
  })),
  properties: { 'log.segment.bytes': '1000' },
}

const read = (record: ClusterRecord, id: number) => {
  const broker = record.brokers.find((candidate) => candidate.id === id)
  if (broker === undefined) throw new Error(`no broker ${id}`)
  const lines = serverProperties('/c', record, broker).trim().split('\n')
  return new Map(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]))
}

test('an odd number votes, five at most', () => {
  expect([1, 3, 4, 5, 9].map(voterCount)).toEqual([1, 3, 3, 5, 5])
})

test('a broker that joins has a free id and ports of its own, and no vote', async () => {
  const member = await newMember(cluster, { rack: 'b' })
  expect(member).toMatchObject({ id: 4, rack: 'b', isVoter: false })
  const ports = cluster.brokers.flatMap((b) => [b.port, b.controllerPort, b.jolokiaPort])
  expect(ports).not.toContain(member.port)
  await expect(newMember(cluster, { broker: 2 })).rejects.toThrow('there is a broker 2 already')
  expect(await newMember(cluster, { broker: 9 })).toMatchObject({ id: 9 })
})

test('it follows the voters and changes no default under those that run', async () => {
  const grown = {
    ...cluster,
    brokers: [...cluster.brokers, await newMember(cluster, { rack: 'b' })],
  }
  const before = read(cluster, 1)
  expect(read(grown, 1)).toEqual(before)
  const joined = read(grown, 4)
  expect(joined.get('process.roles')).toBe('broker')
  expect(joined.get('listeners')).not.toContain('CONTROLLER')
  expect(joined.get('broker.rack')).toBe('b')
  for (const name of ['controller.quorum.voters', 'min.insync.replicas', 'log.segment.bytes']) {
    expect(joined.get(name)).toBe(before.get(name))
  }
})

test('a voter that leaves takes no copies with it as long as enough brokers are there', () => {
  const four = {
    ...cluster,
    brokers: [...cluster.brokers, { ...cluster.brokers[0]!, id: 4, isVoter: false }],
  }
  expect(replicationWithout(four, 1)).toBe(3)
  expect(replicationWithout(cluster, 1)).toBe(2)
  const brokers = four.brokers.slice(1)
  const left = { ...four, brokers, replication: replicationWithout(four, 1) }
  expect(read(left, 2).get('default.replication.factor')).toBe('3')
  expect(read(left, 2).get('controller.quorum.voters')).toBe('2@127.0.0.1:28602,3@127.0.0.1:28603')
})
