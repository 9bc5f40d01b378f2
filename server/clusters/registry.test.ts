import { expect, test } from 'vitest'
import { readClusterSettings } from './registry.ts'

test('the embedded cluster comes first, external ones by name', () => {
  const clusters = readClusterSettings({
    EYRIE_EMBEDDED_BOOTSTRAP: '127.0.0.1:9092,127.0.0.1:9093',
    EYRIE_EMBEDDED_JOLOKIA: '1=http://127.0.0.1:8778/jolokia/;2=http://127.0.0.1:8779/jolokia/',
    EYRIE_CLUSTERS: 'prod=a:9092,b:9092; My test =c:9092;',
  })
  expect(clusters.map(({ id, name, kind }) => [id, name, kind])).toEqual([
    ['embedded', 'embedded', 'embedded'],
    ['prod', 'prod', 'external'],
    ['My-test', 'My test', 'external'],
  ])
  const second = { id: 2, host: 'b', port: 9093 }
  expect(clusters[0]?.metrics.targetOf(second)?.url).toBe('http://127.0.0.1:8779/jolokia/')
  expect(clusters[1]?.metrics.targetOf(second)).toBeNull()
  expect(clusters[1]?.bootstrap).toHaveLength(2)
})

test('what cannot be read is named', () => {
  expect(() => readClusterSettings({ EYRIE_CLUSTERS: 'a:9092' })).toThrow('a:9092')
  expect(() => readClusterSettings({ EYRIE_CLUSTERS: 'x=' })).toThrow('x has no host:port')
  expect(() => readClusterSettings({ EYRIE_CLUSTERS: 'x=a:1;x=b:1' })).toThrow('x is taken')
})
