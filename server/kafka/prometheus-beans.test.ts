import { expect, test } from 'vitest'
import { PrometheusText } from './prometheus.ts'
import { answerReads } from './prometheus-beans.ts'

const BYTES_IN = 'kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec'

const exporter = `
# HELP kafka_server_BrokerTopicMetrics_Count Attribute exposed for management
# TYPE kafka_server_BrokerTopicMetrics_Count untyped
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",} 1200.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="orders",} 700.0
kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec",topic="a\\"b\\\\c",} 5.0E2
kafka_network_RequestMetrics_99thPercentile{name="TotalTimeMs",request="Produce",} 12.5
kafka_server_ReplicaManager_Value{name="UnderReplicatedPartitions",} 0.0
kafka_server_Broken_Value{name="X",} NaN
jvm_memory_used_bytes{area="heap",} 1.5E8
jvm_memory_used_bytes{area="nonheap",} 7.0E7
process_start_time_seconds 1.7E9
`

const rules = `
kafka_server_brokertopicmetrics_bytesin_total 1200
kafka_server_brokertopicmetrics_bytesin_total{topic="orders"} 700 1700000000000
kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.99"} 12.5
kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.50"} 1
kafka_network_requestmetrics_totaltimems_count{request="Produce"} 40
kafka_server_replicamanager_underreplicatedpartitions 0
kafka_network_socketserver_networkprocessoravgidle_percent 0.97
`

const P99 = 'kafka.network:type=RequestMetrics,name=TotalTimeMs,request=Produce'
const reads = [
  { mbean: BYTES_IN, attribute: 'Count' },
  { mbean: P99, attribute: ['99thPercentile', 'Count'] },
  { mbean: 'kafka.server:type=ReplicaManager,name=UnderReplicatedPartitions', attribute: 'Value' },
  { mbean: `${BYTES_IN},topic=*`, attribute: 'Count' },
  { mbean: 'kafka.server:type=Nothing,name=Here', attribute: 'Value' },
]

test("attributes are found under the exporter's own names", () => {
  const answers = answerReads(reads, new PrometheusText(exporter), 1_700_000_060_000)
  expect(answers).toEqual([
    1200,
    { '99thPercentile': 12.5 },
    0,
    {
      [`${BYTES_IN},topic=orders`]: { Count: 700 },
      [`${BYTES_IN},topic=a"b\\c`]: { Count: 500 },
    },
    undefined,
  ])
})

test('attributes are found under the names of the widespread Kafka rules', () => {
  const idle = 'kafka.network:type=SocketServer,name=NetworkProcessorAvgIdlePercent'
  const more = [...reads, { mbean: idle, attribute: 'Value' }]
  expect(answerReads(more, new PrometheusText(rules), 0)).toEqual([
    1200,
    { '99thPercentile': 12.5, Count: 40 },
    0,
    { [`${BYTES_IN},topic=orders`]: { Count: 700 } },
    undefined,
    0.97,
  ])
})

test('the Java process is told in units of its own', () => {
  const java = [
    { mbean: 'java.lang:type=Memory', attribute: 'HeapMemoryUsage' },
    { mbean: 'java.lang:type=Runtime', attribute: ['StartTime', 'Uptime'] },
    { mbean: 'java.lang:type=OperatingSystem', attribute: ['ProcessCpuLoad'] },
  ]
  expect(answerReads(java, new PrometheusText(exporter), 1_700_000_060_000)).toEqual([
    { used: 1.5e8, committed: null },
    { StartTime: 1.7e12, Uptime: 60_000 },
    undefined,
  ])
})

test('a figure that is not known is not there, never 0', () => {
  const read = { mbean: 'kafka.server:type=Broken,name=X', attribute: 'Value' }
  expect(answerReads([read], new PrometheusText(exporter), 0)).toEqual([undefined])
  expect(new PrometheusText('<html>not metrics</html>').isEmpty).toBe(true)
})
