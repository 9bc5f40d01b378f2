import { z } from 'zod'
import { readSetting, writeSetting } from '../settings/store.ts'

/** What an administrator wants, and what the process that makes the traffic says it does. */
export const SAMPLE_KEY = 'sample'
export const SAMPLE_STATUS_KEY = 'sample-status'

const wishSchema = z.object({
  wanted: z.enum(['running', 'stopped', 'absent']),
})
export type SampleWish = z.infer<typeof wishSchema>

const statusSchema = z.object({
  state: z.enum(['running', 'stopped', 'absent', 'starting', 'removing']),
  /** The topics it made: only these are ever removed. */
  topics: z.array(z.string()),
  error: z.string().nullable(),
  /** When the process was last alive. */
  atMs: z.number(),
})
export type SampleStatus = z.infer<typeof statusSchema>

/** Absent until somebody starts it. */
export async function readSampleWish(): Promise<SampleWish> {
  const parsed = wishSchema.safeParse(await readSetting(SAMPLE_KEY))
  return parsed.success ? parsed.data : { wanted: 'absent' }
}

export async function writeSampleWish(wish: SampleWish): Promise<void> {
  await writeSetting(SAMPLE_KEY, wish)
}

export async function readSampleStatus(): Promise<SampleStatus | null> {
  const parsed = statusSchema.safeParse(await readSetting(SAMPLE_STATUS_KEY))
  return parsed.success ? parsed.data : null
}

export async function writeSampleStatus(status: SampleStatus): Promise<void> {
  await writeSetting(SAMPLE_STATUS_KEY, status)
}
