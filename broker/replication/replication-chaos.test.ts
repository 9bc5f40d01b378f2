// Random kills, power cuts, network cuts and elections on three brokers while a producer writes with acks=all: what was
// acknowledged is in every log, in the order of acknowledgement, and all logs are the same.
import { expect, test } from 'vitest'
import { ReplicationCluster } from '../../tests/support/replication-cluster.ts'

const IDS = [1, 2, 3]
const TOPIC = 'orders'
const SEEDS = 12
const ROUNDS = 60

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))('seed %i', async (seed) => {
  const cluster = await ReplicationCluster.start({
    seed: `chaos-${seed}`,
    settings: { replicaLagTimeMaxMs: 3_000, replicaSocketTimeoutMs: 2_000 },
    logConfig: { segmentBytes: 4_096 },
  })
  cluster.createTopic(TOPIC, [IDS], { 'min.insync.replicas': '2' })
  await cluster.settle()
  const { random } = cluster.world.host('test')
  const acknowledged: string[] = []
  let next = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    disturb(cluster, random.int(9), () => IDS[random.int(3)] as number)
    const due: number[] = IDS.filter((id) => !cluster.brokers.has(id) && random.int(4) === 0)
    for (const id of due) await cluster.startBroker(id)
    for (let count = random.int(6); count > 0; count -= 1) {
      const value = `v${next++}`
      const leader = cluster.brokers.get(cluster.partition(TOPIC).leader)
      if (leader === undefined) continue
      const produced = cluster.produceTo(leader, TOPIC, [value], { timeoutMs: 500 })
      let isSettled = false
      void produced.then((result) => {
        isSettled = true
        if (result.errorCode === 0) acknowledged.push(value)
      })
      const untilMs = cluster.world.elapsedMs() + random.int(40)
      await cluster.world.runUntil(() => isSettled || cluster.world.elapsedMs() > untilMs)
    }
    await cluster.world.runFor(random.int(400))
  }
  cluster.isControllerDown = false
  cluster.world.healAll()
  for (const id of IDS) if (!cluster.brokers.has(id)) await cluster.startBroker(id)
  for (const id of IDS) cluster.unfence(id)
  await cluster.settle(120_000)
  await cluster.world.runFor(2_000)
  const logs = await Promise.all(IDS.map((id) => cluster.valuesOn(id, TOPIC)))
  expect(logs[1]).toEqual(logs[0])
  expect(logs[2]).toEqual(logs[0])
  const held = new Set(logs[0])
  expect(acknowledged.filter((value) => !held.has(value))).toEqual([])
  expect(acknowledged.length).toBeGreaterThan(10)
})

function disturb(cluster: ReplicationCluster, kind: number, someone: () => number): void {
  const id = someone()
  const { isr, leader } = cluster.partition(TOPIC)
  switch (kind) {
    case 0:
      // Kills are noticed by the controller at once here; the ISR then has one member at least.
      if (!cluster.brokers.has(id) || cluster.brokers.size === 1) return
      cluster.crash(id)
      cluster.fence(id)
      return
    case 1:
      cluster.world.partition(`broker${id}`, `broker${someone()}`)
      return
    case 2:
    case 3:
      cluster.world.healAll()
      return
    case 4:
      if (isr.includes(id) && cluster.brokers.has(id)) cluster.elect(TOPIC, id, isr)
      return
    case 5:
      if (leader >= 0) cluster.reelect(TOPIC)
      return
    case 6:
      // Within the budget: one broker's power, while all the others hold everything.
      if (isr.length < IDS.length || cluster.brokers.size < IDS.length) return
      cluster.crash(id, { powerLoss: true })
      cluster.fence(id)
      return
    case 7:
      cluster.isControllerDown = !cluster.isControllerDown
      return
    default:
      cluster.isControllerDown = false
  }
}
