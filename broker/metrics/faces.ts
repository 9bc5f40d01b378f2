// The one HTTP port of a broker's metrics: Jolokia under /jolokia, Prometheus text under /metrics. No I/O; main.ts
// gives it to runtime/node-http.ts.
import { answerJolokia, type JolokiaSource } from './jolokia.ts'
import { PROMETHEUS_CONTENT_TYPE, PrometheusWriter } from './prometheus.ts'

interface MetricsReply {
  status: number
  body: string
  contentType?: string
}

/**
 * Answers one exchange at a time. `/metrics` leaves out the beans of each partition unless asked with
 * `?partitions=1`; it answers GET only (405). Everything else is Jolokia's.
 */
export function createMetricsFaces(
  source: JolokiaSource,
): (request: { method: string; url: string; body: string }) => MetricsReply {
  const writer = new PrometheusWriter()
  return (request) => {
    const [path, query] = request.url.split(/\?(.*)/s)
    if (path !== '/metrics') return answerJolokia(source, request)
    if (request.method !== 'GET') return { status: 405, body: '' }
    const partitions = new URLSearchParams(query).get('partitions') ?? ''
    const withPartitions = ['1', 'true'].includes(partitions)
    const body = writer.text(source.registry, { withPartitions })
    return { status: 200, body, contentType: PROMETHEUS_CONTENT_TYPE }
  }
}
