import { expect, test } from 'vitest'
import { sharedUnit, unitOfPin } from './pin-unit.ts'

const pin = (mbean: string, attribute: string, stored: 'counter' | 'gauge' = 'gauge') => ({
  ...{ mbean, attribute, stored },
})
const heap = pin('java.lang:type=Memory', 'HeapMemoryUsage')
const bytesIn = 'kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec'
const produce = 'kafka.network:type=RequestMetrics,name=TotalTimeMs,request=Produce'

test.each([
  [heap, 'bytes'],
  [pin('java.lang:type=OperatingSystem', 'TotalPhysicalMemorySize'), 'bytes'],
  [pin(bytesIn, 'Count', 'counter'), 'bytes/s'],
  [pin(bytesIn, 'OneMinuteRate'), 'bytes/s'],
  [pin(produce, '99thPercentile'), 'ms'],
  [pin(produce, 'Count', 'counter'), '1/s'],
  [pin(produce, 'Count'), 'count'],
  [pin('java.lang:type=Runtime', 'Uptime'), 'ms'],
  [pin('kafka.server:type=raft-metrics', 'commit-latency-avg'), 'ms'],
  [pin('kafka.server:type=raft-metrics', 'append-records-rate'), '1/s'],
  [pin('java.lang:type=GarbageCollector,name=G1 Young Generation', 'CollectionCount'), 'count'],
  [pin('kafka.log:type=Log,name=Size,topic=orders,partition=0', 'Value'), 'bytes'],
  [pin('kafka.network:type=RequestChannel,name=RequestQueueSize', 'Value'), 'count'],
])('$0.mbean $0.attribute is in %s', (given, unit) => {
  expect(unitOfPin(given)).toBe(unit)
})

test('lines of two units have none in common', () => {
  expect(sharedUnit([heap, heap])).toBe('bytes')
  expect(sharedUnit([heap, pin(bytesIn, 'Count', 'counter')])).toBe('count')
})
