'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import type { z } from 'zod'
import {
  type ClusterTestEvent,
  type ClusterTestResult,
  type createClusterContract,
  type TestStep,
  testClusterContract,
} from '../contracts/cluster-definitions.ts'
import { ApiError, callEvents } from '../lib/api-client.ts'

type Body = z.input<typeof createClusterContract.body>
type Line = { readonly step: TestStep; readonly target: string }

/** A test of a connection, as far as it has come. */
export type ClusterTest = {
  readonly results: readonly ClusterTestResult[]
  /** Still to come. */
  readonly pending: readonly Line[]
  /** Null: it goes on, or it broke off. */
  readonly isUsable: boolean | null
}

const NOTHING: ClusterTest = { results: [], pending: [], isUsable: null }

const isSame = (one: Line, other: Line): boolean =>
  one.step === other.step && one.target === other.target

const broken = (detail: string): ApiError =>
  new ApiError({ type: 'about:blank', title: 'Internal', status: 500, code: 'internal', detail })

/** Throws ApiError where the test itself failed. */
const withEvent = (test: ClusterTest, event: ClusterTestEvent): ClusterTest => {
  if (event.type === 'error') throw broken(event.message)
  if (event.type === 'plan') return { ...test, pending: event.steps }
  if (event.type === 'end') return { ...test, pending: [], isUsable: event.isUsable }
  const { result } = event
  const pending = test.pending.filter((line) => !isSame(line, result))
  return { ...test, pending, results: [...test.results, result] }
}

const bodyOf = (
  cluster: string | null,
  { name: _, color: __, isProduction: ___, ...body }: Body,
) => ({
  ...body,
  tls: body.tls ?? null,
  sasl: body.sasl ?? null,
  metrics: body.metrics ?? { kind: 'none' as const },
  ...(cluster !== null && { cluster }),
})

/**
 * Tries a definition and tells each step as it is done. A second start, and leaving the page, end the
 * first. `cluster`: whose stored secrets stand in for those that were not typed.
 */
export const useClusterTest = (cluster: string | null) => {
  const [test, setTest] = useState<ClusterTest | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const [isRunning, setIsRunning] = useState(false)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  const start = useCallback(
    async (body: Body) => {
      running.current?.abort()
      const own = new AbortController()
      running.current = own
      setError(null)
      setIsRunning(true)
      let now = NOTHING
      setTest(now)
      try {
        const request = { body: bodyOf(cluster, body), signal: own.signal }
        for await (const event of callEvents(testClusterContract, request)) {
          now = withEvent(now, event)
          if (!own.signal.aborted) setTest(now)
        }
      } catch (cause) {
        if (!own.signal.aborted) setError(cause instanceof Error ? cause : broken(String(cause)))
      } finally {
        if (!own.signal.aborted) setIsRunning(false)
      }
    },
    [cluster],
  )
  return { test, error, isRunning, start }
}
