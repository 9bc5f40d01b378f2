import { chart, level, rate } from './lines.ts'
import type { BeanChart, BeanLine, BeanSeries } from './types.ts'

/** Order is on disk: an API keeps its place, new ones come at the end. */
const APIS = [
  'Produce',
  'FetchConsumer',
  'FetchFollower',
  'Metadata',
  'ListOffsets',
  'OffsetCommit',
  'OffsetFetch',
  'FindCoordinator',
  'JoinGroup',
  'SyncGroup',
  'Heartbeat',
  'InitProducerId',
  'AddPartitionsToTxn',
  'EndTxn',
] as const
type RequestApi = (typeof APIS)[number]

/** Those that carry data: their percentiles are charts of their own. */
const MAIN = ['Produce', 'FetchConsumer', 'FetchFollower'] as const satisfies RequestApi[]

/** In the order in which a request goes through them. */
const PHASES = [
  'RequestQueueTimeMs',
  'LocalTimeMs',
  'RemoteTimeMs',
  'ThrottleTimeMs',
  'ResponseQueueTimeMs',
  'ResponseSendTimeMs',
] as const
const PERCENTILES = ['50thPercentile', '95thPercentile', '99thPercentile', '999thPercentile']
const SLOTS_PER_API = 32
const FIRST_PHASE = 10
const FIRST_PHASE_P99 = 20

function requestSeries(
  api: RequestApi,
  place: number,
  [time, attribute]: readonly [string, string],
): BeanSeries {
  return {
    family: 'requests',
    slot: APIS.indexOf(api) * SLOTS_PER_API + place,
    mbean: `kafka.network:type=RequestMetrics,name=${time},request=${api}`,
    attribute,
    stored: attribute === 'Count' ? 'counter' : 'gauge',
  }
}

const countOf = (api: RequestApi): BeanSeries => requestSeries(api, 0, ['TotalTimeMs', 'Count'])
const totalOf = (api: RequestApi, percentile: string): BeanSeries =>
  requestSeries(api, 1 + PERCENTILES.indexOf(percentile), ['TotalTimeMs', percentile])

/** A mean over brokers counts each as often as it was asked. */
function phaseMean(api: RequestApi, phase: (typeof PHASES)[number], place: number): BeanLine {
  const series = requestSeries(api, FIRST_PHASE + place, [phase, 'Mean'])
  const weight = countOf(api)
  return { id: phase, series, show: 'level', over: 'weighted', weight }
}

const shape = { section: 'latency', unit: 'ms' } as const
const idOf = (api: RequestApi): string =>
  api.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`)

function chartsOf(api: (typeof MAIN)[number]): BeanChart[] {
  return [
    chart(
      `latency-${idOf(api)}`,
      shape,
      ...PERCENTILES.map((one) => level(one, totalOf(api, one), 'max')),
    ),
    chart(
      `phases-p99-${idOf(api)}`,
      shape,
      ...PHASES.map((phase, place) =>
        level(phase, requestSeries(api, FIRST_PHASE_P99 + place, [phase, '99thPercentile']), 'max'),
      ),
    ),
  ]
}

const GROUP_APIS = APIS.slice(3)

export const REQUEST_CHARTS: readonly BeanChart[] = [
  chart(
    'requests-by-api',
    { section: 'latency', unit: '1/s', isStacked: true },
    ...APIS.map((api) => rate(api, countOf(api))),
  ),
  ...MAIN.flatMap(chartsOf),
  chart(
    'latency-other-apis',
    shape,
    ...GROUP_APIS.map((api) => level(api, totalOf(api, '99thPercentile'), 'max')),
  ),
  ...APIS.map((api) =>
    chart(
      `phases-${idOf(api)}`,
      { ...shape, isStacked: true },
      ...PHASES.map((phase, place) => phaseMean(api, phase, place)),
    ),
  ),
]
