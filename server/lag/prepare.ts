import { setImmediate as turn } from 'node:timers/promises'
import type { PackedGroupPartition } from '../clusters/snapshot.ts'
import type { Database } from '../db/client.ts'
import { entityOf } from '../metrics/fields.ts'
import { lagHistory } from '../metrics/lag.ts'
import { readSamples } from '../metrics/read.ts'
import { readOlderEnds } from './older-ends.ts'
import type { LagTracker, TrackedGroup } from './tracker.ts'

/** Commits are looked for so far back after a start. */
const REPLAY_MS = 20 * 60_000
const GROUPS_PER_TURN = 50
const TOPICS_PER_CYCLE = 40

/** What the tracker of one cluster takes from the samples: before its first cycle, and on need. */
export class LagPreparer {
  readonly #db: Database
  readonly #clusterId: string
  readonly #tracker: LagTracker
  #isReplayed = false

  constructor(db: Database, clusterId: string, tracker: LagTracker) {
    this.#db = db
    this.#clusterId = clusterId
    this.#tracker = tracker
  }

  /**
   * Before each cycle's `observe`. `groups` gives this cycle's; those that lag at the first one get
   * their last minutes back, so that a restart of this process does not blind the verdicts.
   */
  async prepare(groups: () => readonly TrackedGroup[], nowMs: number): Promise<void> {
    if (!this.#isReplayed) {
      this.#isReplayed = true
      const lagging = groups().filter(hasLag)
      for (let i = 0; i < lagging.length; i += GROUPS_PER_TURN) {
        await this.#replay(lagging.slice(i, i + GROUPS_PER_TURN), nowMs)
        await turn()
      }
    }
    const wanted = this.#tracker.takeWanted(TOPICS_PER_CYCLE)
    if (wanted.length === 0) return
    const toMs = (this.#tracker.oldestMs ?? nowMs) - 1
    const clusterId = this.#clusterId
    for (const [topicKey, older] of await readOlderEnds(this.#db, {
      clusterId,
      topicKeys: wanted,
      toMs,
    })) {
      this.#tracker.giveOlder(topicKey, older, nowMs)
    }
  }

  async #replay(groups: readonly TrackedGroup[], nowMs: number): Promise<void> {
    const fromMs = nowMs - REPLAY_MS
    const range = { clusterId: this.#clusterId, fromMs, toMs: nowMs - 1 }
    const keys = (group: TrackedGroup) => Object.entries(group.topicKeys)
    const topicKeys = new Set(groups.flatMap((group) => Object.values(group.topicKeys)))
    const [committed, ends] = await Promise.all([
      readSamples(this.#db, {
        ...range,
        entities: groups.flatMap((group) =>
          keys(group).map(([, key]) => entityOf.groupTopic(group.groupId, key)),
        ),
        family: 'offsets',
      }),
      readSamples(this.#db, {
        ...range,
        entities: [...topicKeys].map((key) => entityOf.topic(key)),
        family: 'log',
        wanted: (field) => field === 'logEndOffset',
      }),
    ])
    for (const group of groups) {
      const cycles = new Map<number, PackedGroupPartition[]>()
      for (const [topic, key] of keys(group)) {
        const table = committed.get(entityOf.groupTopic(group.groupId, key))
        if (table === undefined) continue
        for (const { partition, points } of lagHistory(table, ends.get(entityOf.topic(key)), 1)) {
          if (partition === null) continue
          for (const { t, committed: at, end } of points) {
            if (at === null) continue
            const cycle = cycles.get(t) ?? []
            cycle.push([topic, partition, at, null, end, -1, null])
            cycles.set(t, cycle)
          }
        }
      }
      for (const [tMs, partitions] of [...cycles].sort(([a], [b]) => a - b)) {
        this.#tracker.replay({ ...group, partitions }, tMs)
      }
    }
  }
}

function hasLag({ partitions }: TrackedGroup): boolean {
  return partitions.some(([, , committed, , end]) => committed !== null && (end ?? 0) > committed)
}
