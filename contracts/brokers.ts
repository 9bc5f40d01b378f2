import { z } from 'zod'
import {
  asOf,
  atQuery,
  brokerId,
  brokerParams,
  clusterParams,
  listOf,
  partitionId,
  rate,
  timeMs,
  topicName,
} from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const brokerItem = z.object({
  id: brokerId,
  host: z.string(),
  port: z.number().int(),
  rack: z.string().nullable(),
  isOnline: z.boolean(),
  isFenced: z.boolean(),
  isController: z.boolean(),
  leaders: z.number().int(),
  preferredLeaders: z.number().int(),
  replicas: z.number().int(),
  replicasOutOfSync: z.number().int(),
  sizeBytes: z.number().nullable(),
  version: z.string().nullable(),
  startedAt: timeMs.nullable(),
  uptimeMs: z.number().nullable(),
  messagesInRate: rate,
  bytesInRate: rate,
  bytesOutRate: rate,
  produceP99Ms: z.number().nullable(),
  fetchP99Ms: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  /** Why rates and latencies are null (`no-jmx`, `offline`), or null. */
  metricsMissing: z.string().nullable(),
  offlineSince: timeMs.nullable(),
  /** The process of an embedded broker; null for an external one. */
  process: z
    .object({
      state: z.enum(['running', 'starting', 'stopping', 'stopped', 'paused', 'killed', 'crashed']),
      pid: z.number().int().nullable(),
    })
    .nullable(),
})
export type BrokerItem = z.infer<typeof brokerItem>

export const listBrokersContract = defineContract({
  id: 'listBrokers',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/brokers',
  access: 'viewer',
  tag: 'Brokers',
  summary: 'Brokers with their share of leaders, replicas and traffic',
  params: clusterParams,
  query: atQuery,
  response: listOf(brokerItem),
})
export type ListBrokersInput = ContractInput<typeof listBrokersContract>
export type ListBrokersOutput = ContractOutput<typeof listBrokersContract>

export const brokerLogDir = z.object({
  path: z.string(),
  error: z.string().nullable(),
  totalBytes: z.number().nullable(),
  usableBytes: z.number().nullable(),
  sizeBytes: z.number(),
  replicas: z.number().int(),
})

export const getBrokerContract = defineContract({
  id: 'getBroker',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/brokers/{broker}',
  access: 'viewer',
  tag: 'Brokers',
  summary: 'One broker with its log directories and the partitions it holds',
  params: brokerParams,
  query: atQuery,
  response: brokerItem.extend({
    logDirs: z.array(brokerLogDir),
    partitions: z.array(
      z.object({
        topic: topicName,
        partition: partitionId,
        isLeader: z.boolean(),
        isPreferred: z.boolean(),
        isInSync: z.boolean(),
        sizeBytes: z.number().nullable(),
      }),
    ),
    asOf,
  }),
})
export type GetBrokerInput = ContractInput<typeof getBrokerContract>
export type BrokerDetail = ContractOutput<typeof getBrokerContract>

export const brokerAction = z.enum(['stop', 'kill', 'pause', 'start'])
export type BrokerAction = z.infer<typeof brokerAction>

/** What one partition goes through when the broker goes. */
export const partitionImpact = z.object({
  topic: topicName,
  partition: partitionId,
  leaderBefore: brokerId.nullable(),
  /** Null: nobody can lead it. */
  leaderAfter: brokerId.nullable(),
  isrBefore: z.array(brokerId),
  isrAfter: z.array(brokerId),
  replicas: z.array(brokerId),
  minInsyncReplicas: z.number().int().nullable(),
  /** `refuses-writes`: below min.insync.replicas for acks=all. */
  effect: z.enum(['none', 'leader-moves', 'isr-shrinks', 'refuses-writes', 'offline', 'recovers']),
})
export type PartitionImpact = z.infer<typeof partitionImpact>

const actionBody = z.strictObject({
  /** Only say what would happen. */
  dryRun: z.boolean().default(false),
})

const actionResult = z.object({
  action: brokerAction,
  broker: brokerId,
  dryRun: z.boolean(),
  impact: z.array(partitionImpact),
  losesQuorum: z.boolean(),
  movesController: z.boolean(),
  process: brokerItem.shape.process,
})
export type BrokerActionOutput = z.infer<typeof actionResult>

function actionContract(action: BrokerAction, summary: string) {
  return defineContract({
    id: `${action}Broker`,
    method: 'POST',
    path: `/api/v1/clusters/{cluster}/brokers/{broker}/${action}`,
    access: 'administrator',
    tag: 'Brokers',
    summary,
    params: brokerParams,
    body: actionBody,
    response: actionResult,
  })
}

export const stopBrokerContract = actionContract('stop', 'Shut an embedded broker down in order')
export const killBrokerContract = actionContract('kill', 'Kill an embedded broker (SIGKILL)')
export const pauseBrokerContract = actionContract('pause', 'Pause an embedded broker (SIGSTOP)')
export const startBrokerContract = actionContract('start', 'Start or resume an embedded broker')
export type BrokerActionInput = ContractInput<typeof stopBrokerContract>
