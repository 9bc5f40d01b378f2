import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeChunk, OpenChunk, type Sample } from './chunk.ts'
import { decodeJournal, encodeJournal } from './journal.ts'
import { CounterEncoder, decodeSeries, GaugeEncoder, roundGauge } from './series-codec.ts'

const gap = fc.constant(Number.NaN)

function counterRoundTrip(values: number[]): number[] {
  const encoder = new CounterEncoder()
  for (const value of values) encoder.append(value)
  return [...decodeSeries('counter', encoder.bytes(), values.length)]
}

function gaugeRoundTrip(values: number[]): number[] {
  const encoder = new GaugeEncoder()
  for (const value of values) encoder.append(value)
  return [...decodeSeries('gauge', encoder.bytes(), values.length)]
}

test('a counter reads back exactly, gaps, jumps and resets included', () => {
  const value = fc.oneof(fc.maxSafeNat(), fc.nat(100_000), gap, fc.double({ noNaN: true }))
  fc.assert(
    fc.property(fc.array(value, { maxLength: 120 }), (values) => {
      // −0 is the one double whose sign a delta cannot carry.
      const expected = values.map((v) => (v === 0 ? 0 : v))
      expect(counterRoundTrip(expected)).toEqual(expected)
    }),
  )
})

test('a gauge reads back within 0.05 %, and integers to 2,048 exactly', () => {
  const value = fc.oneof(fc.integer({ min: -2048, max: 2048 }), fc.float({ noNaN: true }), gap)
  fc.assert(
    fc.property(fc.array(value, { maxLength: 120 }), (values) => {
      const finite = values.map((v) => (Number.isFinite(v) ? (v === 0 ? 0 : v) : Number.NaN))
      const rounded = finite.map((v) => (Number.isNaN(v) ? v : roundGauge(v)))
      const shown = rounded.map((v) => (Number.isFinite(v) || Number.isNaN(v) ? v : v))
      expect(gaugeRoundTrip(finite)).toEqual(shown)
      for (const v of finite) {
        if (Number.isInteger(v) && Math.abs(v) <= 2048) expect(roundGauge(v)).toBe(v)
        if (Math.abs(v) > 1e-30 && Math.abs(v) < 1e38) {
          expect(Math.abs(roundGauge(v) - v)).toBeLessThanOrEqual(Math.abs(v) * 0.0005)
        }
      }
    }),
  )
})

test('random gauge patterns survive window reuse', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1 }), (values) => {
      const gauges = values.map((v) => v / 7)
      expect(gaugeRoundTrip(gauges)).toEqual(gauges.map(roundGauge))
    }),
  )
})

function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/**
 * A cluster's mix: a few busy partitions, some slow, most idle; offsets, sizes, commits, gauges.
 */
function typicalCycle(cycle: number, random: () => number, state: number[]): Sample[] {
  const samples: Sample[] = []
  for (let partition = 0; partition < 12; partition++) {
    const perCycle = partition < 3 ? 20_000 : partition < 6 ? 50 : 0
    const records = Math.round(perCycle * (0.9 + random() * 0.2))
    state[partition] = (state[partition] ?? 1_000_000) + records
    const end = state[partition] ?? 0
    samples.push({ field: 'logEndOffset', sub: partition, value: end })
    samples.push({ field: 'logStartOffset', sub: partition, value: 0 })
    samples.push({ field: 'sizeBytes', sub: partition, value: end * 312 })
    const behind = partition % 2 === 0 ? 0 : Math.round(random() * 500)
    samples.push({ field: 'committedOffset', sub: partition, value: end - behind })
  }
  for (const field of ['produceP99Ms', 'fetchP99Ms', 'heapUsedBytes', 'cpuLoad'] as const) {
    const value = field === 'heapUsedBytes' ? 8e7 + random() * 2e7 : 3 + random() * 4
    samples.push({ field, sub: -1, value })
  }
  samples.push({ field: 'uptimeMs', sub: -1, value: cycle * 10_000 + Math.round(random() * 30) })
  return samples
}

test('a full chunk costs at most 2.5 bytes a sample', () => {
  const random = seededRandom(7)
  const chunk = new OpenChunk()
  const state: number[] = []
  let samples = 0
  for (let cycle = 0; cycle < 120; cycle++) {
    const tMs = 1_700_000_000_000 + cycle * 10_000 + Math.round(random() * 20)
    const cycleSamples = typicalCycle(cycle, random, state)
    samples += cycleSamples.length
    chunk.append(tMs, cycleSamples)
  }
  expect(chunk.encode().length / samples).toBeLessThanOrEqual(2.5)
})

test('a chunk keeps late, ended and missing series as gaps, and can be reopened', () => {
  const chunk = new OpenChunk()
  chunk.append(1000, [{ field: 'logEndOffset', sub: 0, value: 5 }])
  chunk.append(2000, [
    { field: 'logEndOffset', sub: 0, value: 6 },
    { field: 'logEndOffset', sub: 1, value: 9 },
  ])
  chunk.append(3000, [{ field: 'logEndOffset', sub: 1, value: 10 }])
  const content = decodeChunk(chunk.encode())
  expect([...content.times]).toEqual([1000, 2000, 3000])
  expect(content.series.map((s) => [s.sub, ...s.values])).toEqual([
    [0, 5, 6, Number.NaN],
    [1, Number.NaN, 9, 10],
  ])
  const again = OpenChunk.reopen(content)
  again.append(4000, [{ field: 'logEndOffset', sub: 0, value: 7 }])
  const longer = decodeChunk(again.encode(), (_, sub) => sub === 0)
  expect(longer.series.map((s) => [...s.values])).toEqual([[5, 6, Number.NaN, 7]])
  expect([again.startMs, again.endMs, again.count]).toEqual([1000, 4000, 4])
})

test('a journal row gives its cycle back', () => {
  const entities = [
    {
      entity: 't:abc',
      family: 'log' as const,
      samples: [
        { field: 'logEndOffset' as const, sub: 0, value: 2 ** 53 - 1 },
        { field: 'logStartOffset' as const, sub: 0, value: 0 },
      ],
    },
    {
      entity: 'b:1',
      family: 'health' as const,
      samples: [
        { field: 'cpuLoad' as const, sub: -1, value: 0.25 },
        { field: 'eventLoopDelayMs' as const, sub: -1, value: -1 },
      ],
    },
  ]
  expect(decodeJournal(encodeJournal(entities))).toEqual(entities)
})

test('a damaged chunk is a RangeError, not wrong numbers', () => {
  const chunk = new OpenChunk()
  chunk.append(1000, [{ field: 'logEndOffset', sub: 0, value: 5 }])
  const data = chunk.encode()
  expect(() => decodeChunk(data.subarray(0, data.length - 2))).toThrow(RangeError)
  expect(() => decodeChunk(Buffer.from([9]))).toThrow(RangeError)
})
