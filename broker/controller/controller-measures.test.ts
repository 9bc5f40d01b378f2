// What the controller tells of its queue, on a clock of the test.
import { expect, test } from 'vitest'
import { Registry } from '../metrics/registry.ts'
import { ControllerMeasures } from './controller-measures.ts'

test('an operation that began later than it could have was queued, one that began at once was not', () => {
  let nowMs = 5000
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const registry = new Registry({ clock })
  const measures = new ControllerMeasures(registry, clock)
  const read = (name: string) =>
    registry.find(`kafka.controller:type=ControllerEventManager,name=${name}`)?.read()
  measures.measure(() => {
    nowMs += 4
  }, 4930)
  expect(read('EventQueueTimeMs')).toMatchObject({ Count: 1, Max: 70 })
  measures.measure(() => {
    nowMs += 2
  })
  // A timer that fired early by less than a millisecond.
  measures.measure(() => undefined, nowMs + 0.4)
  expect(read('EventQueueTimeMs')).toMatchObject({ Count: 3, Max: 70, Min: 0 })
  expect(read('EventQueueProcessingTimeMs')).toMatchObject({ Count: 3, Max: 4, Min: 0 })
})
