import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeChunk, OpenChunk, type Sample } from './chunk.ts'
import { decodeJournal, encodeJournal } from './journal.ts'
import { decodeSeries, roundGauge, SeriesEncoder } from './series-codec.ts'

/** Thirty points, written by the version that wrote this format. */
const FIRST_FORMAT = [
  'AR4ZBwEBHjUBAh4cAgEMCwoAHj7CFwAeOwQAHi3sBwAeQPyE8Xn8rQAAAeBOPKEUVCFFQhRUIoqEKID8gR6AAAAAAA',
  'GJWSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSmSgPyA/oAAAAAAAQz/DQof4aFD/DQvCL/C',
  'Lh/goED8gCAAAAAAAAAAAMFkE+Am3/6/lQDyAUQCyAgQHbHP/wZgt/U4BwvzSAnIBQgECAZoDmgNK/or91gAiAy7++',
  'v2CAkL+Av/6ACgwWQb4CbAPoCVAfIDRAbICBANsg3+GY59PBT/+Cv82AngNIDDHNzmcpqOOf1giS6+uCkME3/BZ+/g',
  'AoD8AAAAAAAAAAHwAPQkAA+ARKof/gESqIAB8AiVQ//AIlUQAD4BEqh/+ARKogD8gr0JAAAAAAHwB6Ef/8AehIAAfA',
  'HoSAHwD0I//8AehIAAfAHoSAHwD0I//8AehIAAfAHoSAHwD0I//8AehIAAfAHoSAHwD0I//8AehIAA',
].join('')

const gap = fc.constant(Number.NaN)

function roundTrip(kind: 'counter' | 'gauge', values: number[]): number[] {
  const encoder = new SeriesEncoder(kind)
  for (const [index, value] of values.entries()) {
    encoder.append(value)
    // Looking at what there is so far changes nothing.
    if (index % 5 === 0) encoder.bytes()
  }
  return [...decodeSeries(kind, encoder.bytes(), values.length)]
}
const counterRoundTrip = (values: number[]): number[] => roundTrip('counter', values)
const gaugeRoundTrip = (values: number[]): number[] => roundTrip('gauge', values)

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

test('a counter that grows, stands still, misses values and begins anew reads back at every length', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.nat(3) },
    { weight: 4, arbitrary: fc.integer({ min: 900, max: 1_100 }) },
    { weight: 1, arbitrary: fc.integer({ min: -1_000_000, max: 2 ** 40 }) },
    { weight: 1, arbitrary: gap },
  )
  const repeated = fc.tuple(step, fc.integer({ min: 1, max: 40 }))
  fc.assert(
    fc.property(fc.array(repeated, { maxLength: 12 }), (steps) => {
      let value = 0
      const values = steps.flatMap(([by, times]) =>
        Array.from({ length: times }, () => {
          if (Number.isNaN(by)) return by
          value += by
          return value
        }),
      )
      expect(counterRoundTrip(values)).toEqual(values)
    }),
  )
})

test('what stands still costs next to nothing, what is noisy about its noise', () => {
  const random = seededRandom(11)
  const bytesOf = (values: number[]): number => {
    const encoder = new SeriesEncoder('counter')
    for (const value of values) encoder.append(value)
    return encoder.bytes().length
  }
  expect(bytesOf(new Array(360).fill(123_456))).toBeLessThan(10)
  let value = 0
  const noisy = Array.from({ length: 360 }, () => {
    value += 10_000 + Math.floor(random() * 256)
    return value
  })
  // Eight bits of it cannot be foretold, and a guess from noisy values adds some.
  expect(bytesOf(noisy) / noisy.length).toBeLessThan(9.5 / 8)
})

test('random gauge patterns survive', () => {
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

test('a full chunk costs at most 1.6 bytes a sample', () => {
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
  expect(chunk.encode().length / samples).toBeLessThanOrEqual(1.6)
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

test('points at a unit of time, equal series and falls that never were take no room', () => {
  const chunk = new OpenChunk(100)
  for (let i = 0; i < 50; i++) {
    const samples: Sample[] = [0, 1, 2].flatMap((sub): Sample[] => [
      { field: 'bytesIn', sub, value: i * i },
      { field: 'bytesIn', sub, value: 0, stat: 'dropped' },
      { field: 'cpuLoad', sub, value: 6, stat: 'count' },
    ])
    if (i === 40) samples.push({ field: 'bytesOut', sub: 1, value: 7, stat: 'dropped' })
    chunk.append(5_000_000 + i * 60_000, samples)
  }
  const { times, series } = decodeChunk(chunk.encode())
  expect(times[49]).toBe(5_000_000 + 49 * 60_000)
  expect(series.map(({ field, sub, stat }) => `${field} ${sub} ${stat}`)).toEqual([
    ...[0, 1, 2].map((sub) => `bytesIn ${sub} last`),
    ...[0, 1, 2].map((sub) => `cpuLoad ${sub} count`),
    'bytesOut 1 dropped',
  ])
  for (const { field, values } of series) {
    if (field === 'bytesIn') expect(values[49]).toBe(49 * 49)
    if (field === 'cpuLoad') expect(values[49]).toBe(6)
    if (field === 'bytesOut') expect(values[40]).toBe(7)
  }
})

test('a chunk of the first format reads as it was written', () => {
  const { times, series } = decodeChunk(Buffer.from(FIRST_FORMAT, 'base64'))
  const values = new Map(series.map((one) => [`${one.field} ${one.sub} ${one.stat}`, one.values]))
  let gauge = 3
  for (let i = 0; i < 30; i++) {
    gauge = (gauge * 29 + 7) % 97
    const at = (name: string): number | undefined => values.get(name)?.[i]
    expect(times[i]).toBe(1_700_000_000_000 + i * 10_000 + ((i * 31) % 17))
    expect(at('logEndOffset 0 last')).toBe(1000 + i * i * 37)
    const second = i < 20 ? 500 + 3 * i : i - 20
    expect(at('logEndOffset 1 last')).toBe(i % 7 === 3 ? Number.NaN : second)
    expect(at('logStartOffset 0 last')).toBe(i < 12 ? 4 : Number.NaN)
    expect(at('produceP99Ms -1 last')).toBe(gauge / 8)
    expect(at('produceP99Ms -1 max')).toBe(gauge / 4)
    expect(at('bytesIn -1 last')).toBe((i % 9) * 1e6)
    expect(at('bytesIn -1 dropped')).toBe(i % 9 === 0 ? 8e6 : 0)
  }
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
