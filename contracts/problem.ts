import { z } from 'zod'

/** Problem codes that Eyrie answers; `detail` is for people, `code` for programs. */
export const problemCode = z.enum([
  'bad-request',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'unsupported',
  'too-many-requests',
  'kafka-error',
  'cluster-unreachable',
  'timeout',
  'internal',
])
export type ProblemCode = z.infer<typeof problemCode>

/** RFC 9457, `application/problem+json`. */
export const problem = z.object({
  /** `urn:eyrie:problem:` and the reason, e.g. `topic-unknown`, or the code where there is none. */
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  code: problemCode,
  /** What the sentence of the reason names, for translations: `{topic: 'orders'}`. */
  values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  /** Kafka's error name where the cluster refused, e.g. `TOPIC_ALREADY_EXISTS`. */
  kafkaError: z.string().optional(),
  /** Where the request did not fit its contract. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof problem>
