import { setTimeout as sleep } from 'node:timers/promises'
import type { SampleState, SwitchSampleInput } from '../../contracts/sample.ts'
import { clusterOf, EMBEDDED } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { getSample } from './get.ts'
import { writeSampleWish } from './settings.ts'

const WISHES = { start: 'running', stop: 'stopped', remove: 'absent' } as const
const OBEYED_WITHIN_MS = 2_000
const POLL_MS = 100

/** Kept over restarts; obeyed within seconds. Answers the state reached by then. */
export async function switchSample({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: SwitchSampleInput
}): Promise<SampleState> {
  if (clusterOf(input.cluster).id !== EMBEDDED) {
    throw refusal('sample-not-here')
  }
  await writeSampleWish({ wanted: WISHES[input.action] })
  const untilMs = Date.now() + OBEYED_WITHIN_MS
  for (;;) {
    const state = await getSample({ ctx, input })
    const isReached = state.state === WISHES[input.action]
    if (isReached || Date.now() >= untilMs) return state
    await sleep(POLL_MS)
  }
}
