import type { ClusterFacts } from './facts.ts'

/** A cluster of which nothing is known but that it can be read; for tests. */
export const emptyFacts: ClusterFacts = {
  topics: new Map(),
  groups: new Map(),
  brokers: new Map(),
  configs: new Map(),
  controllerId: null,
  quorum: null,
  reach: 'read',
  reachSinceMs: 0,
}
