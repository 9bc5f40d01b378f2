// What a Node process says of itself: collections are counted, spaces add up to the heap, shares are shares.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { NodeProcess } from './node-process.ts'

const stats = new NodeProcess()
afterAll(() => stats.close())

test('collections of garbage are counted with their time', async () => {
  const scavenges = () => stats.collectors().find(({ name }) => name === 'V8 Scavenge')
  let kept: unknown[] = []
  do {
    kept = Array.from({ length: 50_000 }, (_, index) => ({ index }))
    await turn()
  } while ((scavenges()?.count ?? 0) < 2)
  expect(kept).toHaveLength(50_000)
  const { durationMs = 0, last } = scavenges() ?? {}
  expect(durationMs).toBeGreaterThan(0)
  expect(last?.endMs).toBeGreaterThan(last?.startMs ?? 0)
})

test("pools are V8's heap spaces, their peak is never below what is in use", () => {
  const pools = stats.memoryPools()
  expect(pools.map(({ name }) => name)).toEqual(expect.arrayContaining(['new_space', 'old_space']))
  for (const { usedBytes, peak } of pools) expect(peak.usedBytes).toBeGreaterThanOrEqual(usedBytes)
})

test('shares lie between 0 and 1, figures of the system are there', () => {
  for (const share of [stats.systemCpuLoad(), stats.cpuLoad(), stats.eventLoopUtilization()]) {
    expect(share).toBeGreaterThanOrEqual(0)
    expect(share).toBeLessThanOrEqual(1)
  }
  expect(stats.eventLoopIdleMs()).toBeGreaterThanOrEqual(0)
  expect(stats.threadCount()).toBeGreaterThan(1)
  expect(stats.swapBytes().free).toBeLessThanOrEqual(stats.swapBytes().total)
})

test('where idle time that was counted is taken back, the share still lies between 0 and 1', () => {
  const proc = mkdtempSync(join(tmpdir(), 'eyrie-proc-'))
  const write = (user: number, idle: number, iowait: number) =>
    writeFileSync(join(proc, 'stat'), `cpu  ${user} 0 0 ${idle} ${iowait} 0 0 0 0 0\n`)
  try {
    write(100, 100, 50)
    let nowMs = 0
    const machine = new NodeProcess(proc, () => nowMs)
    nowMs = 1_000
    write(120, 100, 45)
    expect(machine.systemCpuLoad()).toBe(1)
    nowMs = 2_000
    write(130, 110, 45)
    expect(machine.systemCpuLoad()).toBe(0.5)
    machine.close()
  } finally {
    rmSync(proc, { recursive: true })
  }
})

test('what the system does not say, or no longer can, leaves the rest readable', () => {
  const blind = new NodeProcess('/nowhere')
  expect(blind.openFileDescriptors()).toBe(-1)
  expect(blind.maxFileDescriptors()).toBe(-1)
  expect(blind.threadCount()).toBe(-1)
  expect(blind.systemCpuLoad()).toBe(-1)
  expect(blind.swapBytes()).toEqual({ total: -1, free: -1 })
  expect(blind.diskBytes()).toEqual({ read: 0, written: 0 })
  expect(blind.heap().usedBytes).toBeGreaterThan(0)
  blind.close()
})
