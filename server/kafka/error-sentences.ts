import en from '../../messages/en.json' with { type: 'json' }
import type { ErrorName } from '../../protocol/errors.ts'

/** What happened and what to do, where a broker sends only a number. */
const SENTENCES: Partial<Record<ErrorName, string>> = en.problem.kafka

/** Null where Kafka's name has to do. */
export function sentenceOf(name: ErrorName): string | null {
  return SENTENCES[name] ?? null
}
