// Throttled replication: the rate over Kafka's windows, what is throttled, and what that does to a replica that is
// being added.
import { describe, expect, test } from 'vitest'
import { ReplicationCluster } from '../../tests/support/replication-cluster.ts'
import { emptyImage } from '../metadata/image.ts'
import { Registry } from '../metrics/registry.ts'
import {
  defaultReplicationQuotaSettings,
  ReplicationQuota,
  ReplicationQuotas,
} from './replication-quota.ts'

const settings = defaultReplicationQuotaSettings

function clockAt(startMs: number) {
  const clock = { ms: startMs, nowMs: () => clock.ms, monotonicMs: () => clock.ms }
  return clock
}

describe('the rate', () => {
  test('counts what came within the windows over the time since the oldest began', () => {
    const clock = clockAt(5000)
    const quota = new ReplicationQuota(settings, clock)
    quota.record(1000)
    expect(quota.bytesPerSecond()).toBe(1000)
    clock.ms += 500
    expect(quota.bytesPerSecond()).toBe(1000)
    clock.ms += 1500
    quota.record(3000)
    expect(quota.bytesPerSecond()).toBe(2000)
    clock.ms += 9000
    expect(quota.bytesPerSecond()).toBe(3000 / 9)
    clock.ms += 2000
    expect(quota.bytesPerSecond()).toBe(0)
  })

  test('without a limit nothing is too much; at the limit it is not exceeded yet', () => {
    const quota = new ReplicationQuota(settings, clockAt(0))
    quota.record(1_000_000)
    expect(quota.isExceeded()).toBe(false)
    quota.setLimit(1_000_000)
    expect(quota.isExceeded()).toBe(false)
    quota.setLimit(999_999)
    expect(quota.isExceeded()).toBe(true)
  })
})

describe('settings', () => {
  const make = () => {
    const metrics = new Registry({ clock: clockAt(0) })
    return new ReplicationQuotas({ brokerId: 2, settings, clock: clockAt(0), metrics })
  }
  const imageWith = (configs: Record<string, Record<string, string>>) => ({
    ...emptyImage('c'),
    configs: new Map(
      Object.entries(configs).map(([key, value]) => [key, new Map(Object.entries(value))]),
    ),
  })

  test('name replicas of this broker, or all; rates of this broker go before those of all', () => {
    const quotas = make()
    const image = imageWith({
      '2:some': { 'leader.replication.throttled.replicas': '0:1,0:2,1:3,2:2' },
      '2:all': { 'follower.replication.throttled.replicas': '*' },
      '4:': {
        'leader.replication.throttled.rate': '10',
        'follower.replication.throttled.rate': '5',
      },
      '4:2': { 'leader.replication.throttled.rate': '20' },
    })
    quotas.reload(image)
    const isLed = (topic: string, partition: number) =>
      quotas.leader.isThrottled({ topic, partition })
    expect([0, 1, 2].map((partition) => isLed('some', partition))).toEqual([true, false, true])
    expect(isLed('all', 0)).toBe(false)
    expect(quotas.follower.isThrottled({ topic: 'all', partition: 7 })).toBe(true)
    quotas.leader.record(15)
    quotas.follower.record(15)
    expect([quotas.leader.isExceeded(), quotas.follower.isExceeded()]).toEqual([false, true])

    const without = imageWith({})
    quotas.update(without, new Set(['2:some', '4:']))
    expect(isLed('some', 0)).toBe(false)
    expect(quotas.follower.isThrottled({ topic: 'all', partition: 7 })).toBe(true)
    expect(quotas.follower.isExceeded()).toBe(false)
    quotas.reload(without)
    expect(quotas.follower.isThrottled({ topic: 'all', partition: 7 })).toBe(false)
  })
})

describe('a replica that is added', () => {
  const RECORD_BYTES = 10_000
  const RECORDS = 30
  const RATE = 30_000

  async function adding(side: 'leader' | 'follower', throttledReplicas: string) {
    const cluster = await ReplicationCluster.start({
      seed: `throttle-${side}`,
      settings: { replicaFetchMaxBytes: RECORD_BYTES },
    })
    cluster.createTopic('orders', [[1, 2]], {
      [`${side}.replication.throttled.replicas`]: throttledReplicas,
    })
    cluster.setBrokerConfig(side === 'leader' ? 1 : 3, {
      [`${side}.replication.throttled.rate`]: String(RATE),
    })
    await cluster.settle()
    for (let at = 0; at < RECORDS; at += 1) {
      await cluster.produce('orders', ['x'.repeat(RECORD_BYTES)])
    }
    // What the replica in sync was sent counts too: it has left the windows by then.
    await cluster.world.runFor(settings.quotaWindowCount * settings.quotaWindowMs)
    const startMs = cluster.world.nowMs()
    cluster.reassign('orders', {
      replicas: [1, 2, 3],
      addingReplicas: [3],
      directories: ['', '', ''],
    })
    await cluster.world.runUntil(() => cluster.partition('orders').isr.includes(3), 120_000)
    return { cluster, seconds: (cluster.world.nowMs() - startMs) / 1000 }
  }

  const wholeSeconds = (RECORD_BYTES * RECORDS) / RATE

  test.each([
    ['leader', '0:1'],
    ['follower', '0:3'],
  ] as const)('comes at the rate of the throttled %s, and nothing is lost', async (side, which) => {
    const { cluster, seconds } = await adding(side, which)
    expect(seconds).toBeGreaterThan(wholeSeconds * 0.7)
    expect(seconds).toBeLessThan(wholeSeconds * 1.5)
    expect((await cluster.valuesOn(3, 'orders')).length).toBe(RECORDS)
  })

  test('comes at once where another replica is throttled', async () => {
    const { seconds } = await adding('leader', '0:2')
    expect(seconds).toBeLessThan(wholeSeconds / 4)
  })

  test('in-sync replicas go on while the quota is used up', async () => {
    const cluster = await ReplicationCluster.start({ seed: 'throttled-in-sync' })
    cluster.createTopic('orders', [[1, 2, 3]], {
      'leader.replication.throttled.replicas': '*',
      'follower.replication.throttled.replicas': '*',
    })
    for (const id of [1, 2, 3]) {
      cluster.setBrokerConfig(id, {
        'leader.replication.throttled.rate': '1',
        'follower.replication.throttled.rate': '1',
      })
    }
    await cluster.settle()
    for (let at = 0; at < 5; at += 1) {
      expect((await cluster.produce('orders', ['x'.repeat(1000)])).errorCode).toBe(0)
    }
    expect(cluster.partition('orders').isr).toEqual([1, 2, 3])
  })
})
