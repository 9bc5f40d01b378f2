import type { GetSampleInput, SampleState } from '../../contracts/sample.ts'
import { clusterOf, EMBEDDED } from '../clusters/registry.ts'
import type { ServiceContext } from '../context.ts'
import { SAMPLE_GROUPS, SAMPLE_TOPICS } from './names.ts'
import { readSampleStatus, readSampleWish, type SampleStatus, type SampleWish } from './settings.ts'

/** The process says once a second that it lives. */
const ALIVE_WITHIN_MS = 15_000

export async function getSample({
  ctx,
  input,
}: {
  ctx: ServiceContext
  input: GetSampleInput
}): Promise<SampleState> {
  const cluster = clusterOf(input.cluster)
  if (cluster.id !== EMBEDDED) {
    return { state: 'unavailable', topics: [], groups: [], error: null }
  }
  const [wish, status] = await Promise.all([readSampleWish(), readSampleStatus()])
  return sampleStateOf(wish, status, ctx.nowMs())
}

export function sampleStateOf(
  wish: SampleWish,
  status: SampleStatus | null,
  nowMs: number,
): SampleState {
  const topics = status === null || status.topics.length === 0 ? baseNames() : [...status.topics]
  const names = { topics, groups: [...SAMPLE_GROUPS] }
  const isAlive = status !== null && nowMs - status.atMs < ALIVE_WITHIN_MS
  const state = stateOf(wish, status, isAlive)
  const isIdle = state === 'absent' || state === 'stopped'
  const error = isAlive || isIdle ? (status?.error ?? null) : 'the sample process does not answer'
  return { state, ...names, error }
}

function baseNames(): string[] {
  return SAMPLE_TOPICS.map((topic) => topic.base)
}

function stateOf(
  wish: SampleWish,
  status: SampleStatus | null,
  isAlive: boolean,
): SampleState['state'] {
  switch (wish.wanted) {
    case 'running':
      return isAlive && status?.state === 'running' ? 'running' : 'starting'
    case 'stopped':
      return 'stopped'
    case 'absent':
      return status === null || status.state === 'absent' ? 'absent' : 'removing'
  }
}
