// What kind of run a seed is: how many brokers, which faults and how often, which settings, whose clocks are wrong.
import { SeededRandom } from '../support/memory-runtime.ts'
import type { FaultWeights } from './faults.ts'

export interface Profile {
  name: string
  brokers: number
  /** How long faults go on. */
  faultMs: number
  faults: FaultWeights
  /** Broker settings beside the usual ones. */
  properties: Readonly<Record<string, string>>
  /** The first holds the metadata too. */
  logDirs: readonly string[]
  /** Wall clocks differ by up to this from the start. */
  clockSkewMs: number
}

const processes = {
  killOne: 4,
  killController: 2,
  killAll: 1,
  restart: 2,
  powerLoss: 4,
  pause: 2,
  fenceLive: 2,
}
const network = { partition: 3, isolate: 2, slowNetwork: 1, setClock: 1 }
const elections = { killDuringElection: 2, duel: 2, contestedElections: 1 }
const disks = { diskFails: 1, diskFull: 1, slowDisk: 1 }

/** One list of weights a seed; "everything" most often, so that faults meet. */
const mixes: readonly (readonly [upTo: number, name: string, faults: FaultWeights])[] = [
  [
    0.3,
    'elections',
    { contestedElections: 6, duel: 2, killDuringElection: 1, partition: 2, pause: 1 },
  ],
  [0.4, 'disks', { powerLoss: 6, diskFails: 3, diskFull: 2, slowDisk: 1, killOne: 2, restart: 3 }],
  [
    0.5,
    'network',
    { partition: 4, isolate: 4, slowNetwork: 3, pause: 3, setClock: 1, fenceLive: 1, killOne: 1 },
  ],
  [1, 'everything', { ...processes, ...network, ...elections, ...disks }],
]

/** Snapshots of the metadata after every few records, and nothing older kept. */
const OFTEN_SNAPSHOTS = {
  'metadata.log.max.record.bytes.between.snapshots': '1500',
  'metadata.max.retention.bytes': '2000',
}

/** The cleaner compacts the logs of coordinators again and again. */
const OFTEN_COMPACTED = {
  'log.cleaner.backoff.ms': '500',
  'log.cleaner.min.cleanable.ratio': '0.01',
}

export function profileOf(seed: number, options: { brokers?: number; faultMs?: number }): Profile {
  const random = new SeededRandom(`${seed}/profile`)
  const roll = random.next()
  const mix = mixes.find(([upTo]) => roll < upTo)
  const [, name = '', faults = {}] = mix ?? []
  const brokers = random.next() < 0.25 ? 5 : 3
  return {
    name,
    brokers: options.brokers ?? brokers,
    faultMs: options.faultMs ?? 12_000,
    faults,
    properties: {
      ...(random.next() < 0.3 ? OFTEN_SNAPSHOTS : {}),
      ...(random.next() < 0.4 ? OFTEN_COMPACTED : {}),
    },
    logDirs: random.next() < 0.3 ? ['/data', '/more'] : ['/data'],
    clockSkewMs: random.next() < 0.5 ? 0 : 300_000,
  }
}
