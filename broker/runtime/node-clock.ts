// The real clock, timers and random numbers of a broker process. Made by node-runtime.ts, reached by
// everyone else through Runtime; holds nothing that a crash could lose.
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Clock, Random, TimerHandle, Timers } from './runtime.ts'

/** Node clamps longer delays to 1 ms; such timers are re-armed in pieces. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

interface NodeTimer {
  timeout: NodeJS.Timeout
}

function arm(delayMs: number, callback: () => void): NodeTimer {
  const timer: NodeTimer = { timeout: setTimeout(step, Math.min(delayMs, LONGEST_DELAY_MS)) }
  let leftMs = delayMs
  function step(): void {
    leftMs -= LONGEST_DELAY_MS
    if (leftMs <= 0) callback()
    else timer.timeout = setTimeout(step, Math.min(leftMs, LONGEST_DELAY_MS))
  }
  return timer
}

export const nodeTimers: Timers = {
  set: (delayMs, callback) => arm(Math.max(0, delayMs), callback),
  clear(handle: TimerHandle | null) {
    // Safe because handles only come from `arm`.
    if (handle !== null) clearTimeout((handle as NodeTimer).timeout)
  },
  immediate(callback) {
    setImmediate(callback)
  },
}

/** A version 4 UUID in Kafka's text form; `fill` gives 16 random bytes. */
export function kafkaUuid(fill: () => Buffer): string {
  for (;;) {
    const bytes = fill()
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const text = bytes.toString('base64url')
    // The version bits keep it off the reserved ids (0 and 1); a leading '-' looks like an option.
    if (!text.startsWith('-')) return text
  }
}

export const nodeRandom: Random = {
  next: () => Math.random(),
  int: (boundExclusive) => Math.floor(Math.random() * boundExclusive),
  uuid: () => kafkaUuid(() => randomBytes(16)),
}
