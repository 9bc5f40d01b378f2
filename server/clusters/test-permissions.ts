import type { ClusterTestResult } from '../../contracts/cluster-definitions.ts'
import { ErrorCode } from '../../protocol/errors.ts'
import { Metadata, type MetadataResponse } from '../../protocol/schemas/03-metadata.ts'
import type { WireClient } from '../kafka/wire-client.ts'
import { sinceStart, whatFailed } from './test-endpoint.ts'

/** AclOperation's codes: bits of what Metadata says is allowed. */
const CLUSTER_OPERATIONS = {
  Create: 5,
  Alter: 7,
  Describe: 8,
  DescribeConfigs: 10,
  AlterConfigs: 11,
} as const
const TOPIC_OPERATIONS = {
  Read: 3,
  Write: 4,
  Delete: 6,
  Alter: 7,
  DescribeConfigs: 10,
  AlterConfigs: 11,
} as const

/** The last version that tells of operations on the cluster (KIP-430); 8 is the first. */
const LAST_WITH_CLUSTER = 10
const NOT_TOLD = -2_147_483_648
const TOPICS_NAMED_MAX = 3
const TIMEOUT_MS = 8_000

/** What the authorizer lets us do, from the cluster itself; nothing is tried out. */
export async function testPermissions(client: WireClient): Promise<ClusterTestResult> {
  const spent = sinceStart()
  const result = { step: 'permissions', target: '', values: {} } as const
  try {
    const request = {
      topics: null,
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: true,
      includeTopicAuthorizedOperations: true,
    }
    const options = { timeoutMs: TIMEOUT_MS, maxVersion: LAST_WITH_CLUSTER }
    const answer = await client.call('any', Metadata, request, options)
    return { ...result, ...judge(answer), durationMs: spent() }
  } catch (error) {
    return { ...result, outcome: 'failed', ...whatFailed(error), durationMs: spent() }
  }
}

type Judgement = Pick<ClusterTestResult, 'outcome' | 'values' | 'error' | 'advice'>

export function judge(answer: MetadataResponse): Judgement {
  if (answer.clusterAuthorizedOperations === NOT_TOLD) {
    return { outcome: 'skipped', values: {}, error: null, advice: null }
  }
  const missing: string[] = []
  const onCluster = lacking(CLUSTER_OPERATIONS, answer.clusterAuthorizedOperations)
  if (onCluster.length > 0) missing.push(`Cluster: ${onCluster.join(', ')}`)
  for (const [operations, topics] of lackingByTopics(answer)) {
    const named = topics.slice(0, TOPICS_NAMED_MAX).join(', ')
    const more = topics.length > TOPICS_NAMED_MAX ? `, … (${topics.length})` : ''
    missing.push(`Topic ${named}${more}: ${operations}`)
  }
  const hidden = answer.topics.filter(
    (topic) => topic.errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ).length
  const values = { topics: answer.topics.length - hidden, missing: missing.join('; ') }
  const isWhole = missing.length === 0
  return {
    outcome: isWhole ? 'ok' : 'attention',
    values,
    error: isWhole ? null : missing.join('; '),
    advice: isWhole ? null : 'permissions-missing',
  }
}

/** Names of topics by what is not allowed on them. */
function lackingByTopics(answer: MetadataResponse): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const topic of answer.topics) {
    if (topic.isInternal || topic.topicAuthorizedOperations === NOT_TOLD) continue
    const operations = lacking(TOPIC_OPERATIONS, topic.topicAuthorizedOperations).join(', ')
    if (operations === '') continue
    found.set(operations, [...(found.get(operations) ?? []), topic.name ?? ''])
  }
  return found
}

function lacking(wanted: Readonly<Record<string, number>>, allowed: number): string[] {
  return Object.entries(wanted).flatMap(([name, bit]) =>
    (allowed & (1 << bit)) === 0 ? [name] : [],
  )
}
