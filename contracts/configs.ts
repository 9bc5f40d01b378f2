import { z } from 'zod'
import { asOf, clusterParams, topicParams } from './common.ts'
import { type ContractInput, type ContractOutput, defineContract } from './define.ts'

export const configSource = z.enum([
  'topic',
  'broker',
  'broker-default',
  'static',
  'default',
  'group',
  'broker-logger',
  'client-metrics',
  'unknown',
])
export type ConfigSource = z.infer<typeof configSource>

export const configEntry = z.object({
  name: z.string(),
  /** Null when sensitive, or unset. */
  value: z.string().nullable(),
  source: configSource,
  /** What it would be without the override of this resource. */
  defaultValue: z.string().nullable(),
  isDefault: z.boolean(),
  isReadOnly: z.boolean(),
  isSensitive: z.boolean(),
  type: z.enum([
    'boolean',
    'string',
    'int',
    'short',
    'long',
    'double',
    'list',
    'class',
    'password',
    'unknown',
  ]),
  documentation: z.string().nullable(),
  /** From nearest to farthest. */
  synonyms: z.array(
    z.object({ name: z.string(), value: z.string().nullable(), source: configSource }),
  ),
})
export type ConfigEntry = z.infer<typeof configEntry>

const configList = z.object({
  items: z.array(configEntry),
  total: z.number().int(),
  asOf,
})
export type ConfigList = z.infer<typeof configList>

const configPatch = z.strictObject({
  /** New values. */
  set: z.record(z.string(), z.string()).default({}),
  /** Names to set back to their default. */
  delete: z.array(z.string()).default([]),
  /** Have the cluster validate, answer the diff, change nothing. */
  dryRun: z.boolean().default(false),
})

export const configDiff = z.object({
  name: z.string(),
  before: z.string().nullable(),
  beforeSource: configSource,
  after: z.string().nullable(),
  afterSource: configSource,
})
export type ConfigDiff = z.infer<typeof configDiff>

const configPatchResult = z.object({ dryRun: z.boolean(), changes: z.array(configDiff) })
export type PatchConfigsOutput = z.infer<typeof configPatchResult>

const brokerConfigParams = clusterParams.extend({
  /** A node id, or `default`: the cluster-wide default. */
  broker: z.union([z.literal('default'), z.coerce.number().int().min(0)]),
})

export const getTopicConfigsContract = defineContract({
  id: 'getTopicConfigs',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/topics/{topic}/configs',
  access: 'viewer',
  tag: 'Config',
  summary: "A topic's configs with source, default and description",
  params: topicParams,
  response: configList,
})
export type GetTopicConfigsInput = ContractInput<typeof getTopicConfigsContract>

export const patchTopicConfigsContract = defineContract({
  id: 'patchTopicConfigs',
  method: 'PATCH',
  path: '/api/v1/clusters/{cluster}/topics/{topic}/configs',
  access: 'administrator',
  tag: 'Config',
  summary: 'Set configs of a topic, or set them back to default; dryRun gives the diff',
  params: topicParams,
  body: configPatch,
  response: configPatchResult,
})
export type PatchTopicConfigsInput = ContractInput<typeof patchTopicConfigsContract>

export const getBrokerConfigsContract = defineContract({
  id: 'getBrokerConfigs',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/brokers/{broker}/configs',
  access: 'viewer',
  tag: 'Config',
  summary: "A broker's configs; `default` for the broker is the cluster-wide default",
  params: brokerConfigParams,
  response: configList,
})
export type GetBrokerConfigsInput = ContractInput<typeof getBrokerConfigsContract>

export const patchBrokerConfigsContract = defineContract({
  id: 'patchBrokerConfigs',
  method: 'PATCH',
  path: '/api/v1/clusters/{cluster}/brokers/{broker}/configs',
  access: 'administrator',
  tag: 'Config',
  summary: 'Set dynamic configs of a broker or of the cluster-wide default',
  params: brokerConfigParams,
  body: configPatch,
  response: configPatchResult,
})
export type PatchBrokerConfigsInput = ContractInput<typeof patchBrokerConfigsContract>

/** Every topic config the cluster knows, for the form that creates a topic. */
export const listTopicConfigDefaultsContract = defineContract({
  id: 'listTopicConfigDefaults',
  method: 'GET',
  path: '/api/v1/clusters/{cluster}/topic-config-defaults',
  access: 'viewer',
  tag: 'Config',
  summary: 'Every topic config with its default and description, for a topic to be created',
  params: clusterParams,
  response: configList,
})
export type ListTopicConfigDefaultsInput = ContractInput<typeof listTopicConfigDefaultsContract>
export type GetConfigsOutput = ContractOutput<typeof getTopicConfigsContract>
