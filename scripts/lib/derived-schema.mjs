// The schemas of PostgreSQL and MySQL, written from the one model file, prisma/schema.prisma.
// PostgreSQL takes the models as they are. On MySQL a string in a key needs a length, and any
// other one a type without a limit that matters.

export const PROVIDERS = ['postgresql', 'mysql']

/** InnoDB's limit, over all columns of one key; a character of utf8mb4 takes up to 4 bytes. */
const KEY_BYTES_MAX = 3072
const KEY_CHARS = 249
/** Where a key's string may be longer or is always shorter than a topic's name. */
const KEY_CHARS_OF = {
  clusterId: 64,
  topicKey: 250,
  entityType: 32,
  subjectType: 32,
  subject: 640,
  'Chunk.entity': 640,
  'GroupInventory.groupId': 640,
}

/** One model: its name, its lines, its fields and keys in order. */
function parseModels(source) {
  const models = []
  for (const [, name, body] of source.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields = new Map()
    const keys = []
    for (const line of body.split('\n')) {
      const field = /^ {2}(\w+)\s+(\w+)(\?|\[\])?(.*)$/.exec(line)
      const block = /^ {2}@@(id|unique|index)\(\[([^\]]*)\]/.exec(line)
      if (block !== null) keys.push(block[2].split(',').map((column) => column.trim()))
      if (field === null) continue
      const [, fieldName, type, , rest = ''] = field
      fields.set(fieldName, { type, rest })
      if (/@(id|unique)\b/.test(rest)) keys.push([fieldName])
    }
    models.push({ name, fields, keys })
  }
  return models
}

function keyCharsOf(model, field) {
  return KEY_CHARS_OF[`${model}.${field}`] ?? KEY_CHARS_OF[field] ?? KEY_CHARS
}

/** Throws where a key would be longer than MySQL takes. */
function checkKeys({ name, fields, keys }) {
  for (const key of keys) {
    const bytes = key
      .map((field) => (fields.get(field)?.type === 'String' ? keyCharsOf(name, field) * 4 + 2 : 8))
      .reduce((sum, size) => sum + size, 0)
    if (bytes <= KEY_BYTES_MAX) continue
    const text = `${name}(${key.join(', ')}) takes ${bytes} bytes, MySQL allows ${KEY_BYTES_MAX}`
    throw new Error(`${text}: shorten a column of it in scripts/lib/derived-schema.mjs`)
  }
}

/** The native type that MySQL needs, or null. */
function mysqlType({ name, fields, keys }, field) {
  const { type, rest } = fields.get(field) ?? {}
  if (type !== 'String') return null
  const isKey = keys.some((key) => key.includes(field)) || /@relation/.test(rest)
  return isKey || /@default/.test(rest) ? `@db.VarChar(${keyCharsOf(name, field)})` : '@db.LongText'
}

/** Column → `@db.…` of MySQL, of the strings of one model. */
export function mysqlTypesOf(source, modelName) {
  const model = parseModels(source).find(({ name }) => name === modelName)
  const fields = model === undefined ? [] : [...model.fields.keys()]
  return new Map(fields.map((field) => [field, mysqlType(model, field)]))
}

/** `source`: text of prisma/schema.prisma. */
export function deriveSchema(source, provider) {
  const models = new Map(parseModels(source).map((model) => [model.name, model]))
  for (const model of models.values()) checkKeys(model)
  let current = null
  const lines = source.split('\n').map((line) => {
    const opens = /^model (\w+) \{/.exec(line)
    if (opens !== null) current = models.get(opens[1]) ?? null
    else if (line === '}') current = null
    const field = current === null ? null : /^ {2}(\w+)\s+\w+/.exec(line)
    if (provider !== 'mysql' || current === null || field === null) return line
    const type = mysqlType(current, field[1])
    return type === null ? line : `${line.trimEnd()} ${type}`
  })
  const text = lines
    .join('\n')
    .replace(/^(?:\/\/(?!\/).*\n)+/, '')
    .replace('"../server/db/generated"', `"../../server/db/${provider}/generated"`)
    .replace('provider = "sqlite"', `provider = "${provider}"`)
  return `// Derived from prisma/schema.prisma by scripts/derive-databases.mjs: edit that one.\n${text}`
}
