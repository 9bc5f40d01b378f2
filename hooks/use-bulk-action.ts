'use client'

import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiError } from '../lib/api-client.ts'
import { keys } from './query-keys.ts'

export type BulkResult = { readonly name: string; readonly error: ApiError | null }

/**
 * One name after the other: each result shows as it comes and one refusal stops no other.
 * `isAboutOne`: queries that must not be asked for again since what they are about is gone.
 */
export const useBulkAction = (
  cluster: string,
  act: (name: string) => Promise<unknown>,
  options: { readonly isAboutOne?: (queryKey: QueryKey) => boolean } = {},
) => {
  const client = useQueryClient()
  const [results, setResults] = useState<readonly BulkResult[]>([])
  const [isRunning, setIsRunning] = useState(false)
  const run = async (names: readonly string[]): Promise<readonly BulkResult[]> => {
    setIsRunning(true)
    const done: BulkResult[] = []
    for (const name of names) {
      const error = await act(name).then(
        () => null,
        (reason: ApiError) => reason,
      )
      done.push({ name, error })
      setResults([...done])
    }
    setIsRunning(false)
    await client.invalidateQueries({
      queryKey: keys.cluster(cluster),
      predicate: (query) => options.isAboutOne?.(query.queryKey) !== true,
    })
    return done
  }
  return { run, results, isRunning }
}
export type BulkAction = ReturnType<typeof useBulkAction>
