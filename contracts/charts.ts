import { z } from 'zod'
import { clusterParams, okResponse, queryInt, queryNames, rangeQuery, timeMs } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'
import { metricUnit } from './metrics.ts'

const chartScope = z.enum(['cluster', 'broker', 'topic'])
export type ChartScope = z.infer<typeof chartScope>

const chartSection = z.enum([
  'throughput',
  'latency',
  'saturation',
  'replication',
  'log',
  'controller',
  'quorum',
  'groups',
  'transactions',
  'process',
])
export type ChartSection = z.infer<typeof chartSection>

const chartItem = z.object({
  id: z.string(),
  section: chartSection,
  unit: metricUnit,
  isStacked: z.boolean(),
  scopes: z.array(chartScope),
  /** `from`: the MBean and its attribute, or the request it comes from. */
  lines: z.array(z.object({ id: z.string(), from: z.string() })),
})
export type ChartItem = z.infer<typeof chartItem>

const mbeanName = z.string().min(3).max(1000)
const attributeName = z.string().min(1).max(200)

const pinItem = z.object({
  /** Its chart's id: `p` and a number. */
  id: z.string(),
  mbean: mbeanName,
  attribute: attributeName,
  /** Within a composite attribute; empty: the attribute itself. */
  path: z.string().max(200),
  /** A counter is drawn as its change a second. */
  stored: z.enum(['counter', 'gauge']),
  createdBy: z.string(),
})
export type PinItem = z.infer<typeof pinItem>

export const listChartsContract = defineContract({
  id: 'listCharts',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/charts',
  access: 'viewer',
  tag: 'Metrics',
  summary: 'The catalogue of charts, and the attributes pinned beside it',
  params: clusterParams,
  response: z.object({
    charts: z.array(chartItem),
    pins: z.array(pinItem),
    pinsMax: z.number().int(),
  }),
})
export type ListChartsInput = ContractInput<typeof listChartsContract>
export type ListChartsOutput = ContractOutput<typeof listChartsContract>

/** A chart of the catalogue, or up to eight pinned attributes: `p3`, `p3.4.9`. */
const chartId = z
  .string()
  .max(120)
  .regex(/^([a-z][a-z0-9-]*|p\d{1,6}(\.\d{1,6}){0,7})$/)

const chartSeries = z.object({
  /** Which of the chart's lines; empty where it has one. */
  line: z.string(),
  /** Broker id or topic; empty for the whole cluster. */
  name: z.string(),
  isOthers: z.boolean(),
  points: z.array(z.object({ t: timeMs, value: z.number().nullable() })),
})

export const queryChartContract = defineContract({
  id: 'queryChart',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/charts/{chart}',
  access: 'viewer',
  tag: 'Metrics',
  summary: 'All series of one chart, no more than 500 points each',
  params: clusterParams.extend({ chart: chartId }),
  query: rangeQuery.extend({
    by: chartScope.default('cluster'),
    /** Brokers or topics, comma-separated, each percent-encoded; left out: all, or the largest. */
    names: queryNames.optional(),
    limit: queryInt.min(1).max(50).default(8),
  }),
  response: z.object({
    chart: z.string(),
    unit: metricUnit,
    from: timeMs,
    to: timeMs,
    stepMs: z.number().int(),
    series: z.array(chartSeries),
    /** Brokers that expose none of it. */
    without: z.array(z.string()),
    /**
     * Why there is nothing to draw: `no-jmx`, `not-exposed`, `not-collected`, `other-scope`; or null.
     */
    missing: z.string().nullable(),
  }),
})
export type QueryChartInput = ContractInput<typeof queryChartContract>
export type QueryChartOutput = ContractOutput<typeof queryChartContract>

export const listRestartsContract = defineContract({
  id: 'listRestarts',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/restarts',
  access: 'viewer',
  tag: 'Metrics',
  summary: 'When the collector and the brokers were started anew',
  params: clusterParams,
  query: rangeQuery.omit({ step: true }),
  response: z.object({
    items: z.array(
      z.object({
        t: timeMs,
        what: z.enum(['collector', 'broker']),
        broker: z.number().int().nullable(),
      }),
    ),
  }),
})
export type ListRestartsInput = ContractInput<typeof listRestartsContract>
export type ListRestartsOutput = ContractOutput<typeof listRestartsContract>

export const searchMbeansContract = defineContract({
  id: 'searchMbeans',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/mbeans',
  access: 'administrator',
  tag: 'Metrics',
  summary: 'MBeans that the brokers have now, by parts of their name',
  params: clusterParams,
  query: z.object({
    search: z.string().max(200).default(''),
    limit: queryInt.min(1).max(200).default(50),
  }),
  response: z.object({
    items: z.array(z.object({ mbean: z.string(), brokers: z.number().int() })),
    total: z.number().int(),
    missing: z.string().nullable(),
  }),
})
export type SearchMbeansInput = ContractInput<typeof searchMbeansContract>
export type SearchMbeansOutput = ContractOutput<typeof searchMbeansContract>

export const readMbeanContract = defineContract({
  id: 'readMbean',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/mbeans/attributes',
  access: 'administrator',
  tag: 'Metrics',
  summary: 'The numbers among the attributes of one MBean, as they are now',
  params: clusterParams,
  query: z.object({ mbean: mbeanName }),
  response: z.object({
    attributes: z.array(
      z.object({ attribute: attributeName, path: z.string(), value: z.number().nullable() }),
    ),
  }),
})
export type ReadMbeanInput = ContractInput<typeof readMbeanContract>
export type ReadMbeanOutput = ContractOutput<typeof readMbeanContract>

export const pinAttributeContract = defineContract({
  id: 'pinAttribute',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/pins',
  access: 'administrator',
  tag: 'Metrics',
  summary: 'Collect an attribute from now on, to draw it',
  params: clusterParams,
  body: z.object({
    mbean: mbeanName,
    attribute: attributeName,
    path: z.string().max(200).default(''),
    stored: z.enum(['counter', 'gauge']).default('gauge'),
  }),
  response: pinItem,
  status: 201,
})
export type PinAttributeInput = ContractInput<typeof pinAttributeContract>

export const unpinAttributeContract = defineContract({
  id: 'unpinAttribute',
  method: 'DELETE',
  path: '/api/v1/clusters/{cluster}/pins/{pin}',
  access: 'administrator',
  tag: 'Metrics',
  summary: 'Collect an attribute no longer',
  params: clusterParams.extend({ pin: z.string().regex(/^p\d{1,6}$/) }),
  response: okResponse,
})
export type UnpinAttributeInput = ContractInput<typeof unpinAttributeContract>

export const layoutContent = z.object({
  scope: chartScope,
  /** Brokers or topics that are looked at; empty: all, or the largest. */
  names: z.array(z.string().max(249)).max(50),
  /** How long before now the other range is, in ms; 0: none. */
  versusMs: z
    .number()
    .int()
    .min(0)
    .max(366 * 86_400_000),
  isSideBySide: z.boolean(),
  /** `size`: columns it takes; `title`: the name it was given. */
  charts: z
    .array(
      z.object({
        id: chartId,
        size: z.number().int().min(1).max(3),
        title: z.string().trim().min(1).max(60).optional(),
      }),
    )
    .min(1)
    .max(200),
})
export type LayoutContent = z.infer<typeof layoutContent>

const layoutItem = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  isOwn: z.boolean(),
  content: layoutContent,
})
export type LayoutItem = z.infer<typeof layoutItem>

export const listLayoutsContract = defineContract({
  id: 'listLayouts',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/layouts',
  access: 'viewer',
  tag: 'Metrics',
  summary: 'The layouts that the signed-in user has saved',
  params: clusterParams,
  response: z.object({ items: z.array(layoutItem) }),
})
export type ListLayoutsInput = ContractInput<typeof listLayoutsContract>
export type ListLayoutsOutput = ContractOutput<typeof listLayoutsContract>

const layoutParams = clusterParams.extend({ layout: z.string().regex(/^[A-Za-z0-9_-]{8,40}$/) })

export const getLayoutContract = defineContract({
  id: 'getLayout',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/layouts/{layout}',
  access: 'viewer',
  tag: 'Metrics',
  summary: 'A layout, whoever saved it',
  params: layoutParams,
  response: layoutItem,
})
export type GetLayoutInput = ContractInput<typeof getLayoutContract>

export const saveLayoutContract = defineContract({
  id: 'saveLayout',
  method: 'POST',
  path: '/api/v1/clusters/{cluster}/layouts',
  access: 'viewer',
  tag: 'Metrics',
  summary: 'Save a layout; one of the same name of the same user is replaced',
  params: clusterParams,
  body: z.object({ name: z.string().trim().min(1).max(80), content: layoutContent }),
  response: layoutItem,
  status: 201,
  isQuiet: true,
})
export type SaveLayoutInput = ContractInput<typeof saveLayoutContract>

export const deleteLayoutContract = defineContract({
  id: 'deleteLayout',
  method: 'DELETE',
  path: '/api/v1/clusters/{cluster}/layouts/{layout}',
  access: 'viewer',
  tag: 'Metrics',
  summary: 'Delete a layout of one’s own',
  params: layoutParams,
  response: okResponse,
  isQuiet: true,
})
export type DeleteLayoutInput = ContractInput<typeof deleteLayoutContract>
