// The shape of one configuration as data, and what the rows of the tables become. Read-only tables: nothing
// here is stored; definitions.ts turns rows into definitions on first use.

export type ConfigType =
  | 'BOOLEAN'
  | 'STRING'
  | 'INT'
  | 'SHORT'
  | 'LONG'
  | 'DOUBLE'
  | 'LIST'
  | 'CLASS'
  | 'PASSWORD'

export type ConfigImportance = 'HIGH' | 'MEDIUM' | 'LOW'

/** Set in server.properties only. */
export const READ_ONLY = 'read-only'
/** May change while running, for one broker or for all. */
export const DYNAMIC = 'cluster-wide'
/** May change while running, for one broker only. */
export const PER_BROKER = 'per-broker'
/** Set in server.properties only, and not shown to clients. */
export const INTERNAL = 'internal'

export type UpdateMode = typeof READ_ONLY | typeof DYNAMIC | typeof PER_BROKER | typeof INTERNAL

/** In place of a default: the broker does not start without a value. */
export const REQUIRED = { isRequired: true } as const

/** Name, type, default (null: none), accepted values in Kafka's notation, importance, update mode. */
export type DefinitionRow = readonly [
  name: string,
  type: ConfigType,
  defaultValue: string | null | typeof REQUIRED,
  validator: string,
  importance: ConfigImportance,
  updateMode: UpdateMode,
]

/** Name, type, default, accepted values in Kafka's notation, broker configuration fallen back to. */
export type TopicDefinitionRow = readonly [
  name: string,
  type: ConfigType,
  defaultValue: string | null,
  validator: string,
  brokerSynonym: string | null,
]
