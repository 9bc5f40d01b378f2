// The names that public dashboards ask for, from beans as Kafka names them.
import { beforeEach, expect, test } from 'vitest'
import { createMetricsFaces } from './faces.ts'
import { type Bean, Registry } from './registry.ts'

let registry: Registry
let answer: ReturnType<typeof createMetricsFaces>

beforeEach(() => {
  const clock = { nowMs: () => 5_500, monotonicMs: () => 5_500 }
  registry = new Registry({ clock })
  const product = { name: 'eyrie', vendor: 'Eyrie', version: '4.3.1-eyrie' }
  answer = createMetricsFaces({
    registry,
    agentVersion: '2.2.9',
    agentId: 'a',
    product,
    nowMs: () => 5_500,
  })
})

const scrape = (url = '/metrics') => {
  const { status, body, contentType } = answer({ method: 'GET', url, body: '' })
  expect(status).toBe(200)
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  return body.split('\n')
}

test('meters are counters named _total, with their labels', () => {
  const name = 'kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec'
  registry.meter(name, 'messages').mark(7)
  registry.meter(`${name},topic=orders`, 'messages').mark(3)
  registry
    .meter('kafka.network:type=RequestMetrics,name=RequestsPerSec,request=Fetch,version=17', 'x')
    .mark(2)
  const lines = scrape()
  expect(lines).toContain('# TYPE kafka_server_brokertopicmetrics_messagesin_total counter')
  expect(lines).toContain('kafka_server_brokertopicmetrics_messagesin_total 7')
  expect(lines).toContain('kafka_server_brokertopicmetrics_messagesin_total{topic="orders"} 3')
  expect(lines).toContain(
    'kafka_network_requestmetrics_requests_total{request="Fetch",version="17"} 2',
  )
})

test('gauges, histograms and sensors', () => {
  registry.gauge('kafka.server:type=ReplicaManager,name=LeaderCount', () => 3)
  registry.gauge('kafka.server:type=KafkaServer,name=ClusterId', () => 'text is no sample')
  const times = registry.histogram(
    'kafka.network:type=RequestMetrics,name=TotalTimeMs,request=Produce',
  )
  times.update(4)
  registry.attributes('kafka.server:type=raft-metrics', () => ({
    'current-state': 'leader',
    'current-epoch': 6,
  }))
  registry.attributes(
    'kafka.server:type=socket-server-metrics,listener=PLAINTEXT,networkProcessor=0',
    () => ({ 'connection-count': 2, 'connection-creation-total': 9 }),
  )
  const lines = scrape()
  expect(lines).toContain('kafka_server_replicamanager_leadercount 3')
  expect(lines.some((line) => line.includes('clusterid'))).toBe(false)
  expect(lines).toContain('kafka_network_requestmetrics_totaltimems_count{request="Produce"} 1')
  expect(lines).toContain(
    'kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.99"} 4',
  )
  expect(lines).toContain(
    'kafka_network_requestmetrics_totaltimems{request="Produce",quantile="0.999"} 4',
  )
  expect(lines).toContain('kafka_server_raft_metrics_current_state_info{state="leader"} 1')
  expect(lines).toContain('kafka_server_raft_metrics_current_epoch 6')
  const labels = '{listener="PLAINTEXT",networkProcessor="0"}'
  expect(lines).toContain(`kafka_server_socket_server_metrics_connection_count${labels} 2`)
  expect(lines).toContain(
    '# TYPE kafka_server_socket_server_metrics_connection_creation_total counter',
  )
})

test('process facts under the names of the Java client', () => {
  registry.attributes('java.lang:type=OperatingSystem', () => ({
    ProcessCpuTime: 2_500_000_000,
    OpenFileDescriptorCount: 40,
  }))
  registry.attributes('java.lang:type=Memory', () => ({
    HeapMemoryUsage: { init: 0, used: 5, committed: 6, max: 7 },
  }))
  const lines = scrape()
  expect(lines).toContain('process_cpu_seconds_total 2.5')
  expect(lines).toContain('process_open_fds 40')
  expect(lines).toContain('jvm_memory_used_bytes{area="heap"} 5')
  expect(lines).toContain('jvm_memory_bytes_used{area="heap"} 5')
  expect(lines).toContain('java_lang_memory_heapmemoryusage_used 5')
})

test('beans of each partition only when asked for', () => {
  const gaugeOf = (name: string, value: number): Bean => {
    return { name, kind: 'gauge', read: () => ({ Value: value }) }
  }
  const beans = [
    gaugeOf('kafka.cluster:name=UnderReplicated,partition=2,topic=orders,type=Partition', 0),
    gaugeOf('kafka.log:name=Size,partition=2,topic=orders,type=Log', 5),
  ]
  registry.attach({ isPerPartition: true, beans: () => beans, find: () => null })
  registry.gauge('kafka.log:type=LogCleaner,name=DeadThreadCount', () => 0)
  expect(scrape().filter((line) => line.includes('orders'))).toEqual([])
  expect(scrape()).toContain('kafka_log_logcleaner_deadthreadcount 0')
  const all = scrape('/metrics?partitions=1')
  expect(all).toContain('kafka_cluster_partition_underreplicated{partition="2",topic="orders"} 0')
  expect(all).toContain('kafka_log_log_size{partition="2",topic="orders"} 5')
})

test('an answer that failed half-way leaves nothing behind for the next one', () => {
  registry.gauge('kafka.server:type=ReplicaManager,name=LeaderCount', () => 3)
  let isBroken = false
  registry.attributes('java.lang:type=Threading', () => {
    if (isBroken) throw new Error('too many open files')
    return { ThreadCount: 7 }
  })
  const before = scrape()
  isBroken = true
  expect(() => scrape()).toThrow('too many open files')
  isBroken = false
  expect(scrape()).toEqual(before)
})

test('quotes in labels are escaped, families stand together, only GET is answered', () => {
  const name = 'kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec'
  registry.meter(name, 'bytes')
  registry.gauge('kafka.server:type=ReplicaManager,name=LeaderCount', () => 1)
  registry.meter(`${name},topic="a\\"b"`, 'bytes')
  const lines = scrape().filter((line) => !line.startsWith('# HELP'))
  const family = 'kafka_server_brokertopicmetrics_bytesin_total'
  expect(lines.slice(0, 2)).toEqual([`# TYPE ${family} counter`, `${family} 0`])
  expect(lines[2]).toMatch(/^kafka_server_brokertopicmetrics_bytesin_total\{topic="a.*b"\} 0$/)
  expect(answer({ method: 'POST', url: '/metrics', body: '' }).status).toBe(405)
  expect(answer({ method: 'GET', url: '/jolokia/', body: '' }).status).toBe(200)
})

test('a path that is no address has nothing', () => {
  for (const url of ['//', '///?a', '*', '']) {
    expect(answer({ method: 'GET', url, body: '' }).status, url).toBe(404)
  }
})
