import { expect, test } from 'vitest'
import { numbersOf } from './mbeans.ts'

test('the numbers of an MBean, those within composite values too; none yet is no 0', () => {
  const attributes = {
    Count: 3,
    Mean: 'NaN',
    RateUnit: 'SECONDS',
    Registered: true,
    HeapMemoryUsage: { used: 5, max: -1 },
    MemoryPoolNames: ['a', 'b'],
    Nothing: null,
  }
  expect(numbersOf(attributes)).toEqual([
    { attribute: 'Count', path: '', value: 3 },
    { attribute: 'Mean', path: '', value: null },
    { attribute: 'Registered', path: '', value: 1 },
    { attribute: 'HeapMemoryUsage', path: 'used', value: 5 },
    { attribute: 'HeapMemoryUsage', path: 'max', value: -1 },
  ])
})
