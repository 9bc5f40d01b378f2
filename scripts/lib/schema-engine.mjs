// Prisma's schema engine as WebAssembly: what leads from one schema to another, as SQL for
// PostgreSQL. It wants an adapter, and never reads a table through it.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'

const require = createRequire(import.meta.url)
let isLoaded = false

async function load() {
  if (isLoaded) return
  const directory = dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'))
  const bytes = await readFile(join(directory, 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (text) => console.error(text) }
  instance.exports.__wbindgen_start()
  isLoaded = true
}

function postgres() {
  const provider = 'postgres'
  const connection = {
    provider,
    adapterName: 'eyrie',
    queryRaw: async () => ({ columnNames: [], columnTypes: [], rows: [] }),
    executeRaw: async () => 0,
    executeScript: async () => undefined,
    getConnectionInfo: () => ({ supportsRelationJoins: false }),
    startTransaction: () => Promise.reject(new Error('there is no database behind this')),
    dispose: async () => undefined,
  }
  const connect = async () => connection
  return { provider, adapterName: 'eyrie', connect, connectToShadowDb: connect }
}

/** `from`: a schema's text, or null for an empty database. */
export async function diffPostgresql(from, to) {
  await load()
  const factory = bindMigrationAwareSqlAdapterFactory(postgres())
  const target = (text) =>
    text === null
      ? { tag: 'empty' }
      : { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: text }] }
  const schema = await engine.SchemaEngine.new(
    { datamodels: [['schema.prisma', to]] },
    () => undefined,
    factory,
  )
  const { stdout } = await schema.diff({
    from: target(from),
    to: target(to),
    script: true,
    shadowDatabaseUrl: null,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  })
  // The schema is there, or somebody else's to make.
  return (stdout ?? '').replace(/^-- CreateSchema\nCREATE SCHEMA [^\n]*\n+/, '')
}
