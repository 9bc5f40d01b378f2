// The first records of a fresh cluster, written by its first active controller. Only features that are served
// are finalized: clients take a finalized level as a promise.
import type { MetadataImage } from './image-types.ts'
import { createRecord, type MetadataRecord } from './records.ts'

export const METADATA_VERSION_FEATURE = 'metadata.version'
/** Kept by the quorum itself, in its log: never a record of the metadata. */
export const KRAFT_VERSION_FEATURE = 'kraft.version'
export const ELR_FEATURE = 'eligible.leader.replicas.version'
export const TRANSACTION_VERSION_FEATURE = 'transaction.version'
export const MIN_ISR_CONFIG = 'min.insync.replicas'

/** The resource type of brokers, whose default has an empty name. */
const BROKER_RESOURCE = 4

export interface SupportedFeature {
  minVersion: number
  maxVersion: number
}

/** 3.3-IV3, the first that KRaft clusters could run in production, and 4.3-IV0. */
const METADATA_VERSION_MIN = 7
const METADATA_VERSION_MAX = 30

/** 1: flexible records of __transaction_state; 2: each end of a transaction bumps the epoch (KIP-890). */
const TRANSACTION_VERSION_MAX = 2

/** What brokers and controllers register and ApiVersions tells. */
export const supportedFeatures: ReadonlyMap<string, SupportedFeature> = new Map([
  [KRAFT_VERSION_FEATURE, { minVersion: 0, maxVersion: 1 }],
  [ELR_FEATURE, { minVersion: 0, maxVersion: 1 }],
  [
    METADATA_VERSION_FEATURE,
    { minVersion: METADATA_VERSION_MIN, maxVersion: METADATA_VERSION_MAX },
  ],
  [TRANSACTION_VERSION_FEATURE, { minVersion: 0, maxVersion: TRANSACTION_VERSION_MAX }],
])

export function needsBootstrap(image: MetadataImage): boolean {
  return !image.features.has(METADATA_VERSION_FEATURE)
}

export function bootstrapRecords(minIsr: string): MetadataRecord[] {
  return [
    createRecord('featureLevel', {
      name: METADATA_VERSION_FEATURE,
      featureLevel: METADATA_VERSION_MAX,
    }),
    createRecord('featureLevel', { name: ELR_FEATURE, featureLevel: 1 }),
    createRecord('featureLevel', {
      name: TRANSACTION_VERSION_FEATURE,
      featureLevel: TRANSACTION_VERSION_MAX,
    }),
    clusterMinIsr(minIsr),
  ]
}

/** Who is eligible depends on the min ISR: it must be the same whichever controller is active. */
export function clusterMinIsr(value: string): MetadataRecord {
  return createRecord('config', {
    resourceType: BROKER_RESOURCE,
    resourceName: '',
    name: MIN_ISR_CONFIG,
    value,
  })
}
