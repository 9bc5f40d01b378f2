import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ErrorCode, errorName, KafkaError } from './errors.ts'

test('error codes and names are those of Kafka 4.3.1', () => {
  const url = new URL('../tests/facts/errors.tsv', import.meta.url)
  const [, ...lines] = readFileSync(fileURLToPath(url), 'utf8').trim().split('\n')
  const facts = lines.map((line) => line.split('\t')).map(([code, name]) => [name, Number(code)])
  expect(Object.entries(ErrorCode)).toEqual(facts)
  for (const [name, code] of facts) expect(errorName(Number(code))).toBe(name)
})

test('a code that Kafka does not know is an unknown server error', () => {
  expect(errorName(9999)).toBe('UNKNOWN_SERVER_ERROR')
  expect(new KafkaError(ErrorCode.NOT_CONTROLLER).message).toBe('NOT_CONTROLLER')
})
