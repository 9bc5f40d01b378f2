// The rules of leadership, ISR and high watermark as transcripts: what happens, what follows.
import { expect, test } from 'vitest'
import { ErrorCode } from '../../protocol/errors.ts'
import { type BrokerStatus, type IsrProposal, PartitionState } from './partition-state.ts'

const LAG_MAX_MS = 30_000

/** Broker 1 leads replicas 1, 2, 3 over a log of which only the numbers matter. */
class Scene {
  readonly state = new PartitionState({ localBrokerId: 1, replicaLagTimeMaxMs: LAG_MAX_MS })
  readonly brokers = new Map<number, BrokerStatus>()
  readonly log = { logEndOffset: 0, highWatermark: 0, config: { minInsyncReplicas: 1 } }
  nowMs = 1_000_000
  partitionEpoch = 0

  constructor() {
    for (const id of [1, 2, 3]) this.broker(id, {})
  }

  broker(id: number, status: Partial<BrokerStatus>): void {
    const before = this.brokers.get(id)
    const initial = { epoch: id * 10, isFenced: false, inControlledShutdown: false }
    this.brokers.set(id, { ...initial, ...before, ...status })
  }

  lead(isr: number[], options: { leaderEpoch?: number; replicas?: number[] } = {}) {
    this.partitionEpoch += 1
    return this.state.becomeLeader(
      this.assignment(1, isr, options.leaderEpoch ?? 5, options.replicas ?? [1, 2, 3]),
      { logEndOffset: this.log.logEndOffset, nowMs: this.nowMs },
    )
  }

  assignment(leader: number, isr: number[], leaderEpoch: number, replicas = [1, 2, 3]) {
    const { partitionEpoch } = this
    return {
      leader,
      isr,
      leaderEpoch,
      replicas,
      partitionEpoch,
      addingReplicas: [],
      removingReplicas: [],
    }
  }

  append(count: number): number {
    this.log.logEndOffset += count
    return this.advance()
  }

  fetch(id: number, fetchOffset: number, brokerEpoch = id * 10) {
    const outcome = this.state.recordFetch(
      id,
      {
        fetchOffset,
        logStartOffset: 0,
        brokerEpoch,
        leaderLogEndOffset: this.log.logEndOffset,
        nowMs: this.nowMs,
      },
      this.brokers,
    )
    this.advance()
    return outcome
  }

  advance(): number {
    this.log.highWatermark = this.state.highWatermark(this.log, this.nowMs, this.brokers)
    return this.log.highWatermark
  }

  expand(id: number): IsrProposal | null {
    const { highWatermark } = this.log
    return this.state.proposeExpand(id, { highWatermark, localBrokerEpoch: 10 }, this.brokers)
  }

  shrink(): IsrProposal | null {
    const { nowMs } = this
    const { logEndOffset } = this.log
    return this.state.proposeShrink({ logEndOffset, nowMs, localBrokerEpoch: 10 })
  }

  accept(proposal: IsrProposal) {
    return this.state.completeProposal(proposal, {
      errorCode: 0,
      leaderEpoch: proposal.leaderEpoch,
      isr: proposal.isr.map((member) => member.brokerId),
      partitionEpoch: proposal.partitionEpoch + 1,
    })
  }
}

test('the high watermark is the smallest log end of the ISR', () => {
  const scene = new Scene()
  scene.lead([1, 2, 3])
  expect(scene.append(10)).toBe(0)
  scene.fetch(2, 10)
  expect(scene.log.highWatermark).toBe(0)
  scene.fetch(3, 4)
  expect(scene.log.highWatermark).toBe(4)
  scene.fetch(3, 10)
  expect(scene.log.highWatermark).toBe(10)
})

test('the high watermark never goes back', () => {
  const scene = new Scene()
  scene.lead([1, 2])
  scene.append(10)
  scene.fetch(2, 10)
  scene.fetch(2, 3)
  expect(scene.log.highWatermark).toBe(10)
})

test('a single replica commits by appending', () => {
  const scene = new Scene()
  scene.lead([1], { replicas: [1] })
  expect(scene.append(3)).toBe(3)
})

test('the high watermark stands still while the ISR is below min.insync.replicas', () => {
  const scene = new Scene()
  scene.log.config.minInsyncReplicas = 2
  scene.lead([1])
  expect(scene.append(5)).toBe(0)
  scene.lead([1, 2])
  scene.fetch(2, 5)
  expect(scene.log.highWatermark).toBe(5)
})

test('min.insync.replicas above the replication factor counts as the replication factor', () => {
  const scene = new Scene()
  scene.log.config.minInsyncReplicas = 3
  scene.lead([1, 2], { replicas: [1, 2] })
  expect(scene.state.effectiveMinIsr(3)).toBe(2)
  scene.append(5)
  scene.fetch(2, 5)
  expect(scene.log.highWatermark).toBe(5)
})

test('a caught-up follower outside the ISR holds the high watermark back, so that it can join', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.append(10)
  expect(scene.log.highWatermark).toBe(10)
  scene.fetch(2, 10)
  scene.append(5)
  expect(scene.log.highWatermark).toBe(10)
  scene.nowMs += LAG_MAX_MS + 1
  expect(scene.advance()).toBe(15)
})

test('a fenced or departing follower outside the ISR holds nothing back', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.append(10)
  scene.fetch(2, 10)
  scene.broker(2, { isFenced: true })
  expect(scene.append(5)).toBe(15)
  scene.fetch(3, 15)
  scene.broker(3, { inControlledShutdown: true })
  expect(scene.append(5)).toBe(20)
})

test('a follower may join at the high watermark, but not below the start of the leader epoch', () => {
  const scene = new Scene()
  scene.log.logEndOffset = 20
  scene.log.highWatermark = 12
  scene.lead([1])
  scene.fetch(2, 12)
  expect(scene.expand(2)).toBeNull()
  scene.fetch(2, 20)
  expect(scene.expand(2)?.isr).toEqual([
    { brokerId: 1, brokerEpoch: 10 },
    { brokerId: 2, brokerEpoch: 20 },
  ])
})

test('a follower below the high watermark may not join', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.append(10)
  scene.fetch(2, 9)
  expect(scene.expand(2)).toBeNull()
})

test('fenced, departing and restarted brokers may not join', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.fetch(2, 0)
  for (const [status, back] of [
    [{ isFenced: true }, { isFenced: false }],
    [{ inControlledShutdown: true }, { inControlledShutdown: false }],
    [{ epoch: 99 }, { epoch: 20 }],
  ]) {
    scene.broker(2, status as Partial<BrokerStatus>)
    expect(scene.expand(2)).toBeNull()
    scene.broker(2, back as Partial<BrokerStatus>)
  }
  expect(scene.expand(2)).not.toBeNull()
})

test('a fetch of an older incarnation changes nothing', () => {
  const scene = new Scene()
  scene.lead([1, 2])
  scene.append(5)
  scene.broker(2, { epoch: 77 })
  expect(scene.fetch(2, 5, 20)).toBe('stale')
  expect(scene.log.highWatermark).toBe(0)
  expect(scene.fetch(2, 5, 77)).toBe('recorded')
  expect(scene.log.highWatermark).toBe(5)
})

test('a pending expansion counts at once', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.append(10)
  scene.fetch(2, 10)
  const proposal = scene.expand(2)
  expect(scene.state.isr).toEqual([1])
  expect(scene.state.maximalIsr).toEqual([1, 2])
  scene.append(5)
  scene.nowMs += LAG_MAX_MS + 1
  expect(scene.advance()).toBe(10)
  expect(scene.accept(proposal!)).toBe('updated')
  expect(scene.state.isr).toEqual([1, 2])
})

test('a pending shrink counts the old ISR until the controller agrees', () => {
  const scene = new Scene()
  scene.lead([1, 2, 3])
  scene.fetch(2, 0)
  scene.fetch(3, 0)
  scene.append(10)
  scene.fetch(2, 10)
  scene.nowMs += LAG_MAX_MS + 1
  scene.fetch(2, 10)
  const proposal = scene.shrink()
  expect(proposal?.changed).toEqual([3])
  expect(scene.advance()).toBe(0)
  expect(scene.accept(proposal!)).toBe('updated')
  expect(scene.advance()).toBe(10)
})

test('a follower that keeps one fetch behind the end stays in the ISR', () => {
  const scene = new Scene()
  scene.lead([1, 2])
  for (let round = 1; round <= 100; round += 1) {
    scene.append(10)
    scene.fetch(2, (round - 1) * 10)
    scene.nowMs += 5_000
    expect(scene.shrink()).toBeNull()
  }
})

test('a follower that stands at the log end stays in the ISR without fetching', () => {
  const scene = new Scene()
  scene.lead([1, 2])
  scene.fetch(2, 0)
  scene.nowMs += 10 * LAG_MAX_MS
  expect(scene.shrink()).toBeNull()
})

test('a follower of the ISR that never fetches is dropped after replica.lag.time.max.ms', () => {
  const scene = new Scene()
  scene.lead([1, 2])
  scene.nowMs += LAG_MAX_MS
  expect(scene.shrink()).toBeNull()
  scene.nowMs += 1
  expect(scene.shrink()?.changed).toEqual([2])
})

test('only one change of the ISR is on its way', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.fetch(2, 0)
  scene.fetch(3, 0)
  const first = scene.expand(2)
  expect(scene.expand(3)).toBeNull()
  expect(scene.shrink()).toBeNull()
  scene.accept(first!)
  expect(scene.expand(3)?.isr.map((member) => member.brokerId)).toEqual([1, 2, 3])
})

test('INELIGIBLE_REPLICA gives the old ISR back; another attempt may follow', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.fetch(2, 0)
  const proposal = scene.expand(2)
  const outcome = { errorCode: ErrorCode.INELIGIBLE_REPLICA }
  expect(scene.state.completeProposal(proposal!, outcome)).toBe('reset')
  expect(scene.state.maximalIsr).toEqual([1])
  expect(scene.expand(2)).not.toBeNull()
})

test('INVALID_UPDATE_VERSION and FENCED_LEADER_EPOCH keep the stricter ISR until metadata comes', () => {
  for (const errorCode of [ErrorCode.INVALID_UPDATE_VERSION, ErrorCode.FENCED_LEADER_EPOCH]) {
    const scene = new Scene()
    scene.lead([1])
    scene.fetch(2, 0)
    const proposal = scene.expand(2)
    expect(scene.state.completeProposal(proposal!, { errorCode })).toBe('waiting')
    expect(scene.state.maximalIsr).toEqual([1, 2])
    scene.lead([1])
    expect(scene.state.maximalIsr).toEqual([1])
  }
})

test('an unknown error is tried again', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.fetch(2, 0)
  const proposal = scene.expand(2)
  const outcome = { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }
  expect(scene.state.completeProposal(proposal!, outcome)).toBe('retry')
  expect(scene.accept(proposal!)).toBe('updated')
})

test('metadata that overtakes the answer makes the answer void', () => {
  const scene = new Scene()
  scene.lead([1, 2, 3])
  scene.nowMs += LAG_MAX_MS + 1
  const proposal = scene.shrink()
  scene.lead([1, 2])
  expect(scene.accept(proposal!)).toBe('ignored')
  expect(scene.state.isr).toEqual([1, 2])
})

test('metadata that repeats an answer does not forget what was proposed since', () => {
  const scene = new Scene()
  scene.lead([1])
  scene.fetch(2, 0)
  scene.fetch(3, 0)
  scene.accept(scene.expand(2)!)
  scene.expand(3)
  scene.lead([1, 2])
  expect(scene.state.partitionEpoch).toBe(2)
  expect(scene.state.maximalIsr).toEqual([1, 2, 3])
})

test('older metadata is not taken', () => {
  const scene = new Scene()
  scene.lead([1, 2])
  const old = scene.assignment(2, [2], 4)
  scene.lead([1, 2, 3])
  expect(scene.state.becomeFollower(old)).toBeNull()
  expect(scene.state.role).toBe('leader')
})

test('a new leader waits for every follower of the ISR before it commits', () => {
  const scene = new Scene()
  scene.log.logEndOffset = 10
  scene.log.highWatermark = 6
  expect(scene.lead([1, 2, 3], { leaderEpoch: 6 })).toEqual({ isNewLeader: true, isNewEpoch: true })
  expect(scene.state.leaderEpochStartOffset).toBe(10)
  expect(scene.advance()).toBe(6)
  expect(scene.state.hasHeardFromIsr()).toBe(false)
  scene.fetch(2, 10)
  scene.fetch(3, 10)
  expect(scene.state.hasHeardFromIsr()).toBe(true)
  expect(scene.log.highWatermark).toBe(10)
})

test('a leader that steps down and up again forgets what it knew of its followers', () => {
  const scene = new Scene()
  scene.lead([1, 2])
  scene.append(10)
  scene.fetch(2, 10)
  scene.partitionEpoch += 1
  scene.state.becomeFollower(scene.assignment(2, [1, 2], 6))
  expect(scene.state.followers.size).toBe(0)
  scene.lead([1, 2], { leaderEpoch: 7 })
  expect(scene.state.followers.get(2)?.logEndOffset).toBe(-1)
})

test('DeleteRecords waits for live replicas only', () => {
  const scene = new Scene()
  scene.lead([1, 2])
  scene.fetch(2, 0)
  expect(scene.state.lowWatermark(7, scene.brokers)).toBe(-1)
  scene.broker(3, { isFenced: true })
  expect(scene.state.lowWatermark(7, scene.brokers)).toBe(0)
  scene.broker(2, { isFenced: true })
  expect(scene.state.lowWatermark(7, scene.brokers)).toBe(7)
})
