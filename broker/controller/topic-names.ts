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

/** Metric names cannot tell '.' from '_', so two names that differ in nothing else collide. */
export function mayCollide(name: string): boolean {
  return name.includes('.') || name.includes('_')
}

export function collisionKey(name: string): string {
  return name.replaceAll('.', '_')
}
