// When a broker that is heard of no more counts as dead, told as transcripts.
import { beforeEach, expect, test } from 'vitest'
import {
  defaultFailureDetectorSettings,
  FailureDetector,
  type ProbeOutcome,
} from './failure-detector.ts'

const broker = { id: 2, epoch: 40 }
let detector: FailureDetector
let nowMs: number

beforeEach(() => {
  detector = new FailureDetector(defaultFailureDetectorSettings)
  nowMs = 1000
})

/** Suspects the broker and plays the outcomes of the connects; gives what was done, with when. */
function suspect(outcomes: readonly ProbeOutcome[], between?: (probe: number) => void): string[] {
  const lines: string[] = []
  let action = detector.suspect(broker, nowMs)
  let probe = 0
  while (action !== null) {
    if (action.type === 'fence') {
      lines.push(`fence ${action.brokerId}@${action.brokerEpoch}`)
      break
    }
    nowMs += action.delayMs
    lines.push(`probe after ${action.delayMs}`)
    const outcome = outcomes[probe]
    if (outcome === undefined) break
    between?.(probe)
    action = detector.probed({ brokerId: action.brokerId, suspicion: action.suspicion, outcome })
    probe += 1
  }
  return lines
}

const DEAD = ['probe after 0', 'probe after 100', 'fence 2@40']

test('two connects refused, 100 ms apart: dead', () => {
  expect(suspect(['refused', 'refused'])).toEqual(DEAD)
})

test('time-outs, resets and accepted connects are no evidence', () => {
  const outcomes: ProbeOutcome[] = ['other', 'other', 'other', 'other', 'other', 'other', 'refused']
  const lines = suspect(outcomes)
  expect(lines).toHaveLength(6)
  expect(lines.join()).not.toContain('fence')
  expect(detector.isSuspected(broker.id)).toBe(false)
})

test('a connect accepted between two refusals: the count begins anew', () => {
  expect(suspect(['refused', 'other', 'refused', 'refused'])).toEqual([
    'probe after 0',
    'probe after 100',
    'probe after 100',
    'probe after 100',
    'fence 2@40',
  ])
})

test('a heartbeat of that epoch in the meantime ends the suspicion', () => {
  const lines = suspect(['refused', 'refused'], (probe) => {
    if (probe === 1) detector.heartbeat(broker, nowMs)
  })
  expect(lines).toEqual(['probe after 0', 'probe after 100'])
})

test('a heartbeat of another epoch does not', () => {
  const lines = suspect(['refused', 'refused'], () =>
    detector.heartbeat({ id: broker.id, epoch: 39 }, nowMs),
  )
  expect(lines).toEqual(DEAD)
})

test('one suspicion at a time', () => {
  detector.suspect(broker, nowMs)
  expect(detector.suspect(broker, nowMs)).toBeNull()
  expect(detector.suspect({ ...broker, epoch: 41 }, nowMs)).not.toBeNull()
})

test('fenced twice within 60 s while alive: left to its session for 10 minutes', () => {
  suspect(['refused', 'refused'])
  detector.heartbeat(broker, nowMs)
  nowMs += 30_000
  suspect(['refused', 'refused'])
  detector.heartbeat(broker, nowMs)
  expect(suspect(['refused', 'refused'])).toEqual([])
  nowMs += 599_000
  expect(suspect(['refused', 'refused'])).toEqual([])
  nowMs += 1_000
  expect(suspect(['refused', 'refused'])).toEqual(DEAD)
})

test('twice but further apart, or dead in truth: judged as ever', () => {
  suspect(['refused', 'refused'])
  detector.heartbeat(broker, nowMs)
  nowMs += 61_000
  suspect(['refused', 'refused'])
  detector.heartbeat(broker, nowMs)
  expect(suspect(['refused', 'refused'])).toEqual(DEAD)
  detector.heartbeat({ id: broker.id, epoch: 77 }, nowMs)
  expect(detector.isTrusted(broker.id, nowMs)).toBe(false)
})

test('turned off, it suspects nobody', () => {
  detector = new FailureDetector({ ...defaultFailureDetectorSettings, isEnabled: false })
  expect(suspect(['refused', 'refused'])).toEqual([])
})
