// Whether the broker under the fuzzer still serves everybody else: a topic of its own is there, takes a record and
// gives it back.
import { connectPeer } from '../../broker/network/peer-client.ts'
import type { Endpoint, Runtime } from '../../broker/runtime/runtime.ts'
import { ErrorCode, errorName } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/build.ts'
import { Produce } from '../../protocol/schemas/00-produce.ts'
import { Fetch } from '../../protocol/schemas/01-fetch.ts'
import { Metadata } from '../../protocol/schemas/03-metadata.ts'
import { CreateTopics } from '../../protocol/schemas/19-create-topics.ts'
import { HEALTH_TOPIC } from './values.ts'

const TIMEOUT_MS = 30_000
/** A topic just made has no leader yet, for longer where a disk is slow. */
const RETRY_MS = 100
const TRIES = 300
const MAX_BYTES = 100_000

/** Where to ask, and how time passes there. */
export interface HealthPlace {
  endpoint: Endpoint
  runtime: Runtime
  run<T>(work: Promise<T>, limitMs: number): Promise<T>
}

/** What is wrong; null when nothing is. Throws when there is no answer. */
export async function checkHealth({ endpoint, runtime, run }: HealthPlace): Promise<string | null> {
  const client = connectPeer({ endpoint, clientId: 'health', runtime })
  const options = { timeoutMs: TIMEOUT_MS }
  const attempt = async (): Promise<string | null> => {
    await client.send(
      CreateTopics,
      { topics: [{ name: HEALTH_TOPIC, numPartitions: 1, replicationFactor: 1 }], timeoutMs: 5000 },
      options,
    )
    const metadata = await client.send(Metadata, { topics: [{ name: HEALTH_TOPIC }] }, options)
    const topic = metadata.topics[0]
    if (topic === undefined || topic.errorCode !== ErrorCode.NONE) {
      return `Metadata: ${errorName(topic?.errorCode ?? -1)}`
    }
    const place = { name: HEALTH_TOPIC, topicId: topic.topicId }
    const records = buildBatch({ records: [{ key: null, value: Buffer.from('here') }] })
    const produced = await client.send(
      Produce,
      {
        acks: -1,
        timeoutMs: 5000,
        topicData: [{ ...place, partitionData: [{ index: 0, records }] }],
      },
      options,
    )
    const written = produced.responses[0]?.partitionResponses[0]
    if (written?.errorCode !== ErrorCode.NONE) {
      return `Produce: ${errorName(written?.errorCode ?? -1)}`
    }
    const partition = {
      partition: 0,
      fetchOffset: written.baseOffset,
      partitionMaxBytes: MAX_BYTES,
    }
    const fetched = await client.send(
      Fetch,
      {
        maxWaitMs: 100,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        sessionEpoch: -1,
        topics: [{ topicId: topic.topicId, topic: HEALTH_TOPIC, partitions: [partition] }],
      },
      options,
    )
    const found = fetched.responses[0]?.partitions[0]
    if (found?.errorCode !== ErrorCode.NONE) return `Fetch: ${errorName(found?.errorCode ?? -1)}`
    return found.records?.includes('here') === true ? null : 'the record is not there'
  }
  const { timers } = runtime
  const check = async (): Promise<string | null> => {
    for (let tries = 1; ; tries++) {
      const complaint = await attempt()
      if (complaint === null || tries === TRIES) return complaint
      await new Promise<void>((resolve) => void timers.set(RETRY_MS, resolve))
    }
  }
  try {
    return await run(check(), 2 * TIMEOUT_MS)
  } finally {
    client.close()
  }
}
