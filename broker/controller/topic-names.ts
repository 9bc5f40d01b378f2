// What a topic may be called. Pure; used by topic creation and by configuration changes.

const MAX_NAME_LENGTH = 249

export const CLUSTER_METADATA_TOPIC = '__cluster_metadata'

/** null when the name is good, else Kafka's message (error INVALID_TOPIC_EXCEPTION). */
export function topicNameError(name: string): string | null {
  const reason = reasonOf(name)
  return reason === null ? null : `Topic name is invalid: ${reason}`
}

function reasonOf(name: string): string | null {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > MAX_NAME_LENGTH) {
    return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return (
      `'${name}' contains one or more characters other than ` +
      "ASCII alphanumerics, '.', '_' and '-'"
    )
  }
  return null
}

/** Names with more dots and underscores than this are compared with every topic's. */
const VARIANTS_MAX_BITS = 8

/**
 * An existing name that differs from `name` in nothing but dots and underscores, which metric names cannot tell
 * apart. Looks up the few names that could be meant, for there may be very many topics.
 */
export function findColliding(
  existing: ReadonlyMap<string, unknown>,
  name: string,
): string | undefined {
  const marks = [...name].flatMap((letter, index) =>
    letter === '.' || letter === '_' ? [index] : [],
  )
  if (marks.length === 0) return undefined
  if (marks.length > VARIANTS_MAX_BITS) {
    const key = unified(name)
    for (const other of existing.keys()) {
      if (other.length === name.length && unified(other) === key) return other
    }
    return undefined
  }
  for (let bits = 0; bits < 1 << marks.length; bits++) {
    const letters = [...name]
    marks.forEach((index, bit) => {
      letters[index] = (bits >> bit) & 1 ? '.' : '_'
    })
    const variant = letters.join('')
    if (existing.has(variant)) return variant
  }
  return undefined
}

function unified(name: string): string {
  return name.replaceAll('.', '_')
}
