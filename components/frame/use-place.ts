'use client'

import { usePathname } from 'next/navigation'
import { decodeSegment } from '../../lib/api-path.ts'
import { plainSegment } from '../../lib/page-params.ts'

export type Section =
  | 'overview'
  | 'topics'
  | 'groups'
  | 'lag'
  | 'brokers'
  | 'quorum'
  | 'events'
  | 'metrics'
  | 'config'
  | 'clusters'
  | 'account'
  | 'users'
  | 'activity'

const SECTIONS: readonly string[] = [
  'topics',
  'groups',
  'lag',
  'brokers',
  'quorum',
  'events',
  'metrics',
  'config',
  'account',
  'users',
  'activity',
]

const isSection = (text: string | undefined): text is Section =>
  text !== undefined && SECTIONS.includes(text)

export type Place = {
  readonly cluster: string | null
  readonly section: Section
  /** The topic, group or broker the page is about. */
  readonly subject: string | null
}

export const placeOf = (pathname: string): Place => {
  const parts = pathname.split('/').filter((part) => part !== '')
  if (parts[0] !== 'clusters') {
    return { cluster: null, section: isSection(parts[0]) ? parts[0] : 'overview', subject: null }
  }
  if (parts[1] === undefined) return { cluster: null, section: 'clusters', subject: null }
  const cluster = decodeSegment(plainSegment(parts[1]))
  const section = isSection(parts[2]) ? parts[2] : 'overview'
  const subject = parts[3] === undefined ? null : decodeSegment(plainSegment(parts[3]))
  return { cluster, section, subject }
}

export const usePlace = (): Place => placeOf(usePathname())
