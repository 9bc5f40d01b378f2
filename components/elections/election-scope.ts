import type { ElectionScope } from '../../hooks/use-elections.ts'

/** The scope as a sheet's name in the URL: `elect`, `elect:broker:2`, `elect:topic:orders`, … */
export const serializeScope = (scope: ElectionScope): string => {
  const first = scope.partitions?.[0]
  if (first !== undefined) return `elect:partition:${first.partition}:${first.topic}`
  if (scope.topic !== null) return `elect:topic:${scope.topic}`
  if (scope.broker !== null) return `elect:broker:${scope.broker}`
  return 'elect'
}

const ALL: ElectionScope = { partitions: null, topic: null, broker: null }

export const parseScope = (sheet: string | null): ElectionScope | null => {
  if (sheet === null) return null
  if (sheet === 'elect') return ALL
  const topic = /^elect:topic:(.+)$/.exec(sheet)?.[1]
  if (topic !== undefined) return { ...ALL, topic }
  const broker = /^elect:broker:(\d+)$/.exec(sheet)?.[1]
  if (broker !== undefined) return { ...ALL, broker: Number(broker) }
  const partition = /^elect:partition:(\d+):(.+)$/.exec(sheet)
  if (partition?.[1] === undefined || partition[2] === undefined) return null
  return { ...ALL, partitions: [{ topic: partition[2], partition: Number(partition[1]) }] }
}
