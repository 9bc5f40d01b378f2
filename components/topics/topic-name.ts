const MAX_LENGTH = 249

/** Why Kafka would refuse the name, or null: letters, digits, `.`, `_` and `-`, at most 249. */
export const topicNameProblem = (name: string): 'empty' | 'dots' | 'long' | 'characters' | null => {
  if (name === '') return 'empty'
  if (name === '.' || name === '..') return 'dots'
  if (name.length > MAX_LENGTH) return 'long'
  return /^[a-zA-Z0-9._-]+$/.test(name) ? null : 'characters'
}
