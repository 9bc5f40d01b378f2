import { expect, test } from 'vitest'
import { buildBatch } from '../../protocol/records/build.ts'
import { openTestLog } from '../../tests/support/log-fixtures.ts'
import { createMemoryRuntime } from '../../tests/support/memory-runtime.ts'
import type { Log } from '../log/types.ts'
import { LogModel } from './log-model.ts'
import { SnapshotStore } from './snapshots.ts'
import { dropOldSnapshots, loadLog } from './storage.ts'

const DIRECTORY = '/data/__cluster_metadata-0'
const nothing = { lastContainedLogTimestampMs: 0, records: [] }

async function appendEpoch(log: Log, epoch: number, count: number): Promise<void> {
  const records = Array.from({ length: count }, () => ({ key: null, value: Buffer.from('x') }))
  const batch = buildBatch({ baseOffset: log.logEndOffset, leaderEpoch: epoch, records })
  await log.append(batch, { origin: 'replica', leaderEpoch: epoch })
}

test('a log cleaned below a snapshot, then killed, still sends a replica that is behind to it', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const log = await openTestLog(runtime, { directory: DIRECTORY })
  const { disk, clock } = runtime
  const snapshots = await SnapshotStore.open({ disk, directory: DIRECTORY, nowMs: clock.nowMs })
  await appendEpoch(log, 1, 10)
  await appendEpoch(log, 2, 10)
  await snapshots.write({ offset: 5, epoch: 1 }, nothing)
  await appendEpoch(log, 4, 10)
  await snapshots.write({ offset: 15, epoch: 2 }, nothing)
  log.setHighWatermark(30)
  const limits = { maxBytes: 0, maxAgeMs: -1, nowMs: clock.nowMs() }
  expect(await dropOldSnapshots(log, snapshots, limits)).toBe(15)
  // A new epoch is kept at once, and with it what is known of the older ones.
  await appendEpoch(log, 5, 10)
  await log.flush()

  world.crash('local', { powerLoss: false })
  const again = world.host('local')
  const state = await loadLog(
    await openTestLog(again, { directory: DIRECTORY }),
    await SnapshotStore.open({ disk: again.disk, directory: DIRECTORY, nowMs: clock.nowMs }),
  )
  expect(state).toMatchObject({ startOffset: 15, baseEpoch: 2, endOffset: 40 })
  const model = new LogModel(state)
  // Epochs below the start are forgotten: nothing can be said of where they end.
  expect(model.validate(7, 1)).toEqual({ kind: 'snapshot', id: { offset: 15, epoch: 2 } })
  expect(model.validate(25, 4)).toEqual({ kind: 'valid' })
})

test('a log cleaned up to its end stays so, however often its member is killed', async () => {
  const { runtime, world } = createMemoryRuntime({ seed: 1 })
  const { disk, clock } = runtime
  const log = await openTestLog(runtime, { directory: DIRECTORY })
  const snapshots = await SnapshotStore.open({ disk, directory: DIRECTORY, nowMs: clock.nowMs })
  await appendEpoch(log, 1, 10)
  await snapshots.write({ offset: 10, epoch: 1 }, nothing)
  await appendEpoch(log, 5, 10)
  await appendEpoch(log, 6, 10)
  await snapshots.write({ offset: 30, epoch: 6 }, nothing)
  await log.flush()
  log.setHighWatermark(30)
  const limits = { maxBytes: 0, maxAgeMs: -1, nowMs: clock.nowMs() }
  expect(await dropOldSnapshots(log, snapshots, limits)).toBe(30)
  // The epochs below the new start are forgotten on disk too; where it starts is noted later.
  await log.close()

  for (let kill = 1; kill <= 3; kill++) {
    world.crash('local', { powerLoss: false })
    const again = world.host('local')
    const state = await loadLog(
      await openTestLog(again, { directory: DIRECTORY }),
      await SnapshotStore.open({ disk: again.disk, directory: DIRECTORY, nowMs: clock.nowMs }),
    )
    expect(state, `kill ${kill}`).toMatchObject({ startOffset: 30, endOffset: 30, baseEpoch: 6 })
    // Nothing is known of where epoch 5 ends: the replica takes the snapshot, and cuts nothing.
    const answer = new LogModel(state).validate(20, 5)
    expect(answer).toEqual({ kind: 'snapshot', id: { offset: 30, epoch: 6 } })
  }
})
