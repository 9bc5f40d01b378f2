// From a decoded header to the bytes of a reply: finds the handler, decodes, handles, encodes, measures. It alone
// turns what a handler throws into an error of the protocol. Called by the network layer, one call a request.
import { type AnyApi, decodeRequest, type Encodable } from '../../protocol/api.ts'
import { ErrorCode, errorName, KafkaError } from '../../protocol/errors.ts'
import { responseFrame } from '../../protocol/frames.ts'
import type { Histogram, Meter, MetricsRegistry } from '../metrics/types.ts'
import type { Dispatch, RequestContext } from '../network/types.ts'
import type { Clock, Logger } from '../runtime/runtime.ts'
import { errorResponse } from './error-response.ts'
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

/** A served API with the meters of its requests. */
interface Route<Services> {
  handler: AnyHandler<Services>
  api: AnyApi
  totalTimeMs: Histogram
  requestsPerSec: Map<number, Meter>
  errorsPerSec: Map<number, Meter>
}

const FETCH_KEY = 1
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
  const followerFetchTimeMs = metrics.histogram(totalTimeName('FetchFollower'))
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
    markError(route, metrics, errorCode)
    return errorResponse(route.api, request, failure, context.apiVersion)
  }

  async function dispatch(context: RequestContext, body: Buffer): Promise<Buffer[] | null> {
    const route = routes.get(context.apiKey)
    if (!route) throw new Error(`API key ${context.apiKey} is not served here`)
    const { api } = route
    markRequest(route, metrics, context.apiVersion)
    const request = decodeRequest(api, context.apiVersion, body)
    let response: Encodable<unknown> | null
    try {
      const handled = route.handler.handle(services(), context, request)
      response = handled instanceof Promise ? await handled : handled
    } catch (error) {
      if (error instanceof CloseConnection) throw error
      response = answerFailure(route, context, request, error)
      if (response === null) throw error
    }
    const elapsedMs = clock.monotonicMs() - context.receivedMonotonicMs
    const isFollower = api.key === FETCH_KEY && isFollowerFetch(request)
    if (isFollower) followerFetchTimeMs.update(elapsedMs)
    else route.totalTimeMs.update(elapsedMs)
    if (response === null) return null
    const header = { version: context.apiVersion, correlationId: context.correlationId }
    return responseFrame(api, header, response)
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

function totalTimeName(request: string): string {
  return `kafka.network:type=RequestMetrics,name=TotalTimeMs,request=${request}`
}

function newRoute<Services>(
  handler: AnyHandler<Services>,
  metrics: MetricsRegistry,
): Route<Services> {
  const { api } = handler
  const name = api.key === FETCH_KEY ? 'FetchConsumer' : api.name
  return {
    handler,
    api,
    totalTimeMs: metrics.histogram(totalTimeName(name)),
    requestsPerSec: new Map(),
    errorsPerSec: new Map(),
  }
}

function markRequest(route: Route<unknown>, metrics: MetricsRegistry, version: number): void {
  let meter = route.requestsPerSec.get(version)
  if (!meter) {
    const { name } = route.api
    meter = metrics.meter(
      `kafka.network:type=RequestMetrics,name=RequestsPerSec,request=${name},version=${version}`,
      'requests',
    )
    route.requestsPerSec.set(version, meter)
  }
  meter.mark()
}

function markError(route: Route<unknown>, metrics: MetricsRegistry, code: number): void {
  let meter = route.errorsPerSec.get(code)
  if (!meter) {
    const labels = `error=${errorName(code)},request=${route.api.name}`
    meter = metrics.meter(
      `kafka.network:type=RequestMetrics,name=ErrorsPerSec,${labels}`,
      'requests',
    )
    route.errorsPerSec.set(code, meter)
  }
  meter.mark()
}
