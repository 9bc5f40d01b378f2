// Consume, transform, produce on kafkajs, each batch in one transaction: every input record becomes one output
// record whose key is "partition:offset" of the input. Arguments: bootstrap input output group transactional-id.
// Prints "ready", then "done N" after each transaction; ends when standard input does. Exit code 3 when fenced,
// 4 on what it cannot get over.
//
// kafkajs commits offsets in transactions without the group's generation (before KIP-447) and reads them without
// waiting for open ones: it is exactly-once with one transactional id for all, which fences whoever came before,
// and with its own positions kept over a rebalance.
import { Kafka, logLevel } from 'kafkajs'

const [bootstrap, input, output, groupId, transactionalId] = process.argv.slice(2)
const kafka = new Kafka({
  brokers: bootstrap.split(','),
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 30 },
})
const producer = kafka.producer({
  transactionalId,
  idempotent: true,
  maxInFlightRequests: 1,
  transactionTimeout: 10_000,
})
const consumer = kafka.consumer({
  groupId,
  sessionTimeout: 6000,
  rebalanceTimeout: 3000,
  heartbeatInterval: 500,
})

const fencing = new Set(['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH'])

function end(error) {
  console.error(`ends: ${error}`)
  process.exit(fencing.has(typeOf(error)) ? 3 : 4)
}

/** Behind what was transformed here, by partition: committed offsets may lag behind it for a moment. */
const positions = new Map()

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const typeOf = (error) => error?.type ?? error?.cause?.type

/** Takes the epoch, and with it fences the others: what they left open has ended before this resolves. */
async function takeEpoch() {
  for (let tries = 0; ; tries++) {
    try {
      await (await producer.transaction()).abort()
      return
    } catch (error) {
      if (tries >= 100) throw error
      await pause(200)
    }
  }
}

/** kafkajs does not itself wait for the markers of the transaction before. */
async function onceTheLastHasEnded(begin) {
  for (let tries = 0; ; tries++) {
    try {
      return await begin()
    } catch (error) {
      if (typeOf(error) !== 'CONCURRENT_TRANSACTIONS' || tries >= 200) throw error
      await pause(20)
    }
  }
}

async function transform({ batch, resolveOffset, heartbeat }) {
  const from = positions.get(batch.partition) ?? 0
  const messages = batch.messages.filter(({ offset }) => Number(offset) >= from)
  if (messages.length > 0) {
    const next = Number(messages.at(-1).offset) + 1
    // All to one partition: kafkajs repeats a send to several brokers as a whole or in parts, whatever had
    // arrived, when a leader changes meanwhile.
    const outputs = messages.map(({ offset, value }) => ({
      key: `${batch.partition}:${offset}`,
      value,
      partition: 0,
    }))
    const offsets = [{ partition: batch.partition, offset: String(next) }]
    const offsetsOfGroup = {
      consumerGroupId: groupId,
      topics: [{ topic: input, partitions: offsets }],
    }
    const transaction = await producer.transaction()
    await onceTheLastHasEnded(() => transaction.sendOffsets(offsetsOfGroup))
    await transaction.send({ topic: output, messages: outputs })
    await transaction.commit()
    positions.set(batch.partition, next)
    console.log(`done ${messages.length}`)
  }
  resolveOffset(batch.lastOffset())
  await heartbeat()
}

process.stdin.resume()
process.stdin.on('end', async () => {
  await consumer.disconnect().catch(() => undefined)
  process.exit(0)
})
try {
  await producer.connect()
  // With the first transaction, not here, kafkajs becomes who it is: before offsets are read.
  await takeEpoch()
  await consumer.connect()
  await consumer.subscribe({ topics: [input], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    eachBatch: (payload) => transform(payload).catch(end),
  })
  console.log('ready')
} catch (error) {
  end(error)
}
