/** The three topics; one whose name is taken by somebody else's topic is made with a prefix. */
export const SAMPLE_TOPICS = [
  { base: 'orders', partitions: 6 },
  { base: 'payments', partitions: 3 },
  { base: 'page-views', partitions: 6 },
] as const

export type SampleTopic = (typeof SAMPLE_TOPICS)[number]['base']

/** Keeps up. */
export const BILLING_GROUP = 'billing'
/** Too slow, in waves. */
export const ANALYTICS_GROUP = 'analytics'
export const SAMPLE_GROUPS = [BILLING_GROUP, ANALYTICS_GROUP] as const

export const TAKEN_PREFIX = 'sample-'
