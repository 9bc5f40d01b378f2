import { decodeSegment } from './api-path.ts'

/** A path segment without its percent-encoding; as it is when that is broken. */
export const plainSegment = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The name that a page's path segment stands for; null when it stands for none. */
export const nameParam = (segment: string): string | null => decodeSegment(plainSegment(segment))
