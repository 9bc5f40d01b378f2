// kafkajs for a machine with other things to do: a broker may take seconds to accept a connection or to answer.
import { Kafka, logLevel } from 'kafkajs'

export function patientKafka(brokers: readonly string[]): Kafka {
  return new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 20_000,
    // Fifteen tries within two minutes.
    retry: { retries: 15, maxRetryTime: 10_000 },
  })
}
