import { expect, test } from 'vitest'
import { ConnectionLimits } from './connection-limits.ts'

test('bounds hold in all and by address, and what ends makes room', () => {
  const limits = new ConnectionLimits({ max: 3, maxPerAddress: 2 })
  expect(limits.take('10.0.0.1')).toBeNull()
  expect(limits.take('::ffff:10.0.0.1')).toBeNull()
  expect(limits.take('10.0.0.1')).toEqual({ bound: 'max.connections.per.ip', max: 2 })
  expect(limits.take('10.0.0.2')).toBeNull()
  expect(limits.take('10.0.0.3')).toEqual({ bound: 'max.connections', max: 3 })
  limits.release('10.0.0.1')
  expect(limits.take('10.0.0.3')).toBeNull()
})

test('an override stands for its address, and new bounds for new connections', () => {
  const limits = new ConnectionLimits()
  const overrides = new Map([
    ['10.0.0.1', 1],
    ['localhost', 0],
  ])
  expect(limits.take('10.0.0.1')).toBeNull()
  limits.update({ max: 10, maxPerAddress: 2, overrides })
  expect(limits.take('10.0.0.1')).toEqual({ bound: 'max.connections.per.ip', max: 1 })
  expect(limits.take('127.0.0.1')).toEqual({ bound: 'max.connections.per.ip', max: 0 })
  expect(limits.take('10.0.0.2')).toBeNull()
})
