'use client'

import { parseAsString, useQueryState } from 'nuqs'

/** Which side sheet is open, in the URL: `create-topic`, `elect`, `broker-kill`, … */
export const useSheet = () => {
  const [sheet, setSheet] = useQueryState('sheet', parseAsString.withOptions({ history: 'push' }))
  return {
    sheet,
    open: (name: string) => setSheet(name),
    close: () => setSheet(null),
    isOpen: (name: string) => sheet === name,
  }
}
