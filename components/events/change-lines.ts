import type { ClusterEvent } from '../../contracts/events.ts'

/** One thing before and after; null: it was not there, or is gone. */
export type ChangeLine = {
  readonly name: string
  readonly before: string | null
  readonly after: string | null
}

type Values = NonNullable<ClusterEvent['before']>

const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `orders 0, 1; payments 2` of a member's share. */
const shareOf = (assignment: unknown): string => {
  if (!Array.isArray(assignment)) return ''
  return assignment
    .flatMap((one: unknown) => {
      if (!isRecord(one) || !Array.isArray(one.partitions)) return []
      return [`${String(one.topic)} ${one.partitions.join(', ')}`]
    })
    .join('; ')
}

const textOf = (value: unknown): string | null => {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.join(', ')
  if (isRecord(value)) return shareOf(value.assignment)
  return String(value)
}

/** A member by its client and host: its id is made up anew each time. */
const memberName = (id: string, values: readonly unknown[]): string => {
  const member = values.find(isRecord)
  if (member === undefined) return id
  const { clientId, host } = member
  return [clientId, host].filter((part) => typeof part === 'string' && part !== '').join(' ') || id
}

/** Told in the sentence, or of no use to a reader. */
const UNSAID = new Set(['reachSinceMs', 'readMs', 'startedMs'])

/** What changed, one line each, in the order of names; partitions by number. */
export const changeLines = (event: ClusterEvent): ChangeLine[] => {
  const { before, after, type } = event
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return names
    .filter((name) => !UNSAID.has(name))
    .map((name) => {
      const values = [after?.[name], before?.[name]]
      return {
        name: type === 'members' ? memberName(name, values) : name,
        before: textOf(before?.[name]),
        after: textOf(after?.[name]),
      }
    })
}

/** How the members of a group changed. */
export const memberCounts = ({
  before,
  after,
}: ClusterEvent): { joined: number; left: number; moved: number } => {
  const [were, are] = [Object.keys(before ?? {}), Object.keys(after ?? {})]
  const moved = were.filter((id) => are.includes(id)).length
  return { joined: are.length - moved, left: were.length - moved, moved }
}

/** Over all partitions: positive when replicas came back into sync. */
export const isrGrowth = ({ before, after }: ClusterEvent): number => {
  const size = (values: ClusterEvent['before']): number =>
    Object.values(values ?? {}).reduce<number>(
      (sum, value) => sum + (Array.isArray(value) ? value.length : Number(value)),
      0,
    )
  return size(after) - size(before)
}
