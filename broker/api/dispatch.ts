// From a decoded header to the bytes of a reply: finds the handler, decodes, handles, encodes, measures. It alone
// turns what a handler throws into an error of the protocol. Called by the network layer, one call a request.
import { type AnyApi, decodeRequest, type Encodable } from '../../protocol/api.ts'
import { ErrorCode, errorName, KafkaError } from '../../protocol/errors.ts'
import { responseFrame } from '../../protocol/frames.ts'
import { RequestMetrics, RequestTimes } from '../metrics/request-metrics.ts'
import type { MetricsRegistry } from '../metrics/types.ts'
import type { Dispatch, RequestContext } from '../network/types.ts'
import type { Clock, Logger } from '../runtime/runtime.ts'
import { errorResponse } from './error-response.ts'
import { ResponseErrors } from './response-errors.ts'
import { type AnyHandler, type BrokerServices, CloseConnection } from './types.ts'

export interface DispatchOptions<Services> {
  /** Asked for with each request: listeners are opened before all services are there. */
  services: () => Services
  /** Those this listener serves, one an API key. */
  handlers: readonly AnyHandler<Services>[]
  clock: Clock
  logger: Logger
  metrics: MetricsRegistry
}

export interface Dispatcher {
  dispatch: Dispatch
  serves(apiKey: number): boolean
}

/** A served API with what is measured of its requests. */
interface Route<Services> {
  handler: AnyHandler<Services>
  api: AnyApi
  errors: ResponseErrors
  /** Under which names a request counts. */
  metricsOf: (request: unknown) => readonly RequestMetrics[]
}

const PRODUCE_KEY = 0
const FETCH_KEY = 1
const ADD_PARTITIONS_TO_TXN_KEY = 24
/** The same unexpected error of one API is logged at most this often. */
const ERROR_LOG_INTERVAL_MS = 10_000

/** Makes the dispatcher of one listener. A rejected dispatch closes the connection. */
export function createDispatcher<Services = BrokerServices>(
  options: DispatchOptions<Services>,
): Dispatcher {
  const { services, clock, logger, metrics } = options
  const routes = new Map<number, Route<Services>>()
  for (const handler of options.handlers) {
    routes.set(handler.api.key, newRoute(handler, metrics))
  }
  const lastLoggedMs = new Map<string, number>()

  function logUnexpected(api: AnyApi, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const key = `${api.key}:${error instanceof Error ? error.message : text}`
    const nowMs = clock.monotonicMs()
    if (nowMs - (lastLoggedMs.get(key) ?? Number.NEGATIVE_INFINITY) < ERROR_LOG_INTERVAL_MS) return
    if (lastLoggedMs.size > 1000) lastLoggedMs.clear()
    lastLoggedMs.set(key, nowMs)
    logger.log('error', `Handling ${api.name} failed`, { error: text })
  }

  function answerFailure(
    route: Route<Services>,
    context: RequestContext,
    request: unknown,
    thrown: unknown,
  ) {
    const isExpected = thrown instanceof KafkaError
    if (!isExpected) logUnexpected(route.api, thrown)
    const errorCode = isExpected ? thrown.code : ErrorCode.UNKNOWN_SERVER_ERROR
    const isPlain = !isExpected || thrown.message === errorName(errorCode)
    const failure = { errorCode, errorMessage: isPlain ? null : thrown.message }
    return errorResponse(route.api, request, failure, context.apiVersion)
  }

  async function dispatch(context: RequestContext, body: Buffer): Promise<Buffer[] | null> {
    const route = routes.get(context.apiKey)
    if (!route) throw new Error(`API key ${context.apiKey} is not served here`)
    const { api } = route
    const times = timesOf(context, clock)
    times.startedMs = clock.monotonicMs()
    const request = decodeRequest(api, context.apiVersion, body)
    const measured = route.metricsOf(request)
    for (const each of measured) each.markRequest(context.apiVersion)
    let response: Encodable<unknown> | null
    try {
      const handled = route.handler.handle(services(), context, request)
      if (handled instanceof Promise) {
        times.locallyDoneMs = clock.monotonicMs()
        response = await handled
      } else response = handled
    } catch (error) {
      if (error instanceof CloseConnection) throw error
      response = answerFailure(route, context, request, error)
      if (response === null) throw error
    }
    const reply = response === null ? null : encode(route, context, response, measured)
    times.throttleMs = throttleOf(response)
    times.completedMs = clock.monotonicMs()
    if (times.locallyDoneMs === 0) times.locallyDoneMs = times.completedMs
    times.metrics = measured
    // Where no connection tells when it is sent, it is now.
    if (context.times === undefined) times.sent(times.completedMs, times.completedMs)
    return reply
  }

  function encode(
    route: Route<Services>,
    context: RequestContext,
    response: Encodable<unknown>,
    measured: readonly RequestMetrics[],
  ): Buffer[] {
    const { apiVersion: version, correlationId } = context
    route.errors.count(response, version, (errorCode, count) => {
      for (const each of measured) each.markError(errorName(errorCode), count)
    })
    return responseFrame(route.api, { version, correlationId }, response)
  }

  return { dispatch, serves: (apiKey) => routes.has(apiKey) }
}

function isFollowerFetch(request: unknown): boolean {
  const { replicaId, replicaState } = request as {
    replicaId: number
    replicaState: { replicaId: number }
  }
  return replicaId >= 0 || replicaState.replicaId >= 0
}

function throttleOf(response: Encodable<unknown> | null): number {
  const { throttleTimeMs = 0 } = (response ?? {}) as { throttleTimeMs?: number }
  return throttleTimeMs
}

function timesOf(context: RequestContext, clock: Clock): RequestTimes {
  const { times, receivedMonotonicMs, requestSizeBytes } = context
  return times ?? new RequestTimes(clock, receivedMonotonicMs, requestSizeBytes)
}

function newRoute<Services>(
  handler: AnyHandler<Services>,
  metrics: MetricsRegistry,
): Route<Services> {
  const { api } = handler
  const errors = new ResponseErrors(api)
  return { handler, api, errors, metricsOf: namesOf(api, metrics) }
}

/** Kafka counts some requests under two names, or under another than their API's. */
function namesOf(api: AnyApi, registry: MetricsRegistry): Route<unknown>['metricsOf'] {
  const hasConversions = api.key === PRODUCE_KEY || api.key === FETCH_KEY
  const of = (name: string) => new RequestMetrics(registry, name, hasConversions)
  const own = [of(api.name)]
  if (api.key === FETCH_KEY) {
    const consumer = [of('FetchConsumer'), ...own]
    const follower = [of('FetchFollower'), ...own]
    return (request) => (isFollowerFetch(request) ? follower : consumer)
  }
  if (api.key === ADD_PARTITIONS_TO_TXN_KEY) {
    const verification = [of('AddPartitionsToTxnVerification')]
    return (request) => (isVerification(request) ? verification : own)
  }
  return () => own
}

/** All that it asks for is to be verified only. */
function isVerification(request: unknown): boolean {
  const { transactions = [] } = request as { transactions?: readonly { verifyOnly: boolean }[] }
  return transactions.length > 0 && transactions.every(({ verifyOnly }) => verifyOnly)
}
