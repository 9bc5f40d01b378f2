'use client'

import {
  parseAsArrayOf,
  parseAsBoolean,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
  useQueryStates,
} from 'nuqs'
import type { MessagesQuery, TailQuery } from '../../hooks/use-messages.ts'
import { joinNames } from '../../lib/api-path.ts'

export const STARTS = ['newest', 'oldest', 'offset', 'time'] as const
export const FIELDS = ['key', 'value', 'headers'] as const
export const LIMITS = [50, 100, 500, 1000] as const

const state = {
  from: parseAsStringLiteral(STARTS).withDefault('newest'),
  offset: parseAsInteger.withDefault(0),
  time: parseAsInteger,
  partition: parseAsInteger,
  contains: parseAsString.withDefault(''),
  in: parseAsArrayOf(parseAsStringLiteral(FIELDS)).withDefault([...FIELDS]),
  limit: parseAsInteger.withDefault(100),
  live: parseAsBoolean.withDefault(false),
  /** Of an answer before: the page that follows it. */
  cursor: parseAsString.withOptions({ history: 'push' }),
}

export const useBrowseState = () => useQueryStates(state)
export type BrowseState = ReturnType<typeof useBrowseState>[0]

const filterOf = (browse: BrowseState): TailQuery => ({
  ...(browse.partition === null ? {} : { partition: browse.partition }),
  ...(browse.contains === ''
    ? {}
    : { contains: browse.contains, in: joinNames(browse.in.length > 0 ? browse.in : FIELDS) }),
})

export const tailQueryOf = (browse: BrowseState): TailQuery => filterOf(browse)

export const messagesQueryOf = (browse: BrowseState): MessagesQuery => ({
  ...filterOf(browse),
  from: browse.from,
  ...(browse.from === 'offset' ? { offset: browse.offset } : {}),
  ...(browse.from === 'time' && browse.time !== null ? { time: browse.time } : {}),
  limit: browse.limit,
  ...(browse.cursor === null ? {} : { cursor: browse.cursor }),
})
