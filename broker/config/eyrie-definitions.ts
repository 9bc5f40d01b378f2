// Settings of a broker that Kafka does not have, all under `eyrie.`; in the shape of broker-definitions.ts.
import { type DefinitionRow, READ_ONLY } from './definition-row.ts'

export const eyrieRows: readonly DefinitionRow[] = [
  ['eyrie.cluster.id', 'STRING', null, '', 'HIGH', READ_ONLY],
  ['eyrie.jolokia.host', 'STRING', '127.0.0.1', 'non-empty string', 'MEDIUM', READ_ONLY],
  ['eyrie.jolokia.port', 'INT', '-1', '[-1,...,65535]', 'MEDIUM', READ_ONLY],
  ['eyrie.broker.failure.detection', 'BOOLEAN', 'true', '', 'MEDIUM', READ_ONLY],
  ['eyrie.log.level', 'STRING', 'info', '[debug, info, warn, error]', 'LOW', READ_ONLY],
  ['eyrie.tail.cache.bytes', 'LONG', '33554432', '[0,...]', 'LOW', READ_ONLY],
  ['eyrie.controlled.shutdown.timeout.ms', 'LONG', '10000', '[0,...]', 'LOW', READ_ONLY],
]
