// PersistentMap behaves as Map does, and an edit leaves the map it began with alone.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PersistentMap } from './persistent-map.ts'

const edits = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.option(fc.integer())), {
  maxLength: 400,
})

test('holds what a Map would hold', () => {
  fc.assert(
    fc.property(fc.array(edits, { maxLength: 4 }), (rounds) => {
      const model = new Map<string, number>()
      let map = PersistentMap.empty<string, number>()
      for (const round of rounds) {
        const before = map
        const beforeEntries = [...before]
        const editor = map.edit()
        for (const [number, value] of round) {
          const key = `topic-${number}`
          if (value === null) {
            model.delete(key)
            editor.delete(key)
          } else {
            model.set(key, value)
            editor.set(key, value)
          }
        }
        map = editor.finish()
        expect([...before]).toEqual(beforeEntries)
        expect(map.size).toBe(model.size)
        expect(new Map(map)).toEqual(model)
        for (const key of model.keys()) expect(map.get(key)).toBe(model.get(key))
      }
    }),
  )
})

test('an edit that changes nothing gives the same map', () => {
  const map = PersistentMap.from(new Map([['a', 1]]))
  const editor = map.edit()
  editor.delete('b')
  expect(editor.finish()).toBe(map)
  expect(PersistentMap.from(map)).toBe(map)
})
