import { expect, test } from 'vitest'
import { listedJolokia, metricsTargets, metricsUrlOf, patternMetrics } from './metrics-source.ts'

const broker = { id: 3, host: 'kafka-3.example', port: 9094 }

test('a pattern takes what is known of a broker, and figures made from it', () => {
  expect(metricsUrlOf('http://{host}:8778/jolokia/', broker)).toBe(
    'http://kafka-3.example:8778/jolokia/',
  )
  expect(metricsUrlOf('http://proxy/{id}/{port}', broker)).toBe('http://proxy/3/9094')
  expect(metricsUrlOf('http://{host}:{port+200}/b{id-1}', broker)).toBe(
    'http://kafka-3.example:9294/b2',
  )
  expect(metricsUrlOf('http://{host}:1/{other}', { ...broker, host: '::1' })).toBe(
    'http://[::1]:1/{other}',
  )
})

test('name and password go along as HTTP wants them', () => {
  const url = 'http://{host}:7071/metrics'
  const source = patternMetrics({ kind: 'prometheus', url, username: 'me' }, 'pass')
  expect(source.targetOf(broker)).toEqual({
    kind: 'prometheus',
    url: 'http://kafka-3.example:7071/metrics',
    authorization: `Basic ${Buffer.from('me:pass').toString('base64')}`,
  })
})

test('a broker that the cluster does not name at the moment keeps its listed agent', () => {
  const source = listedJolokia(
    new Map([
      [1, 'http://a/'],
      [3, 'http://c/'],
    ]),
  )
  expect([...metricsTargets(source, [broker])].map(([id, { url }]) => [id, url])).toEqual([
    [1, 'http://a/'],
    [3, 'http://c/'],
  ])
  expect(metricsTargets(patternMetrics({ kind: 'none' }), [broker]).size).toBe(0)
})
