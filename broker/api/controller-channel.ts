// The way of this broker to the active controller: a direct call when it is in this process, else its controller
// listener; what a client asked for goes in an Envelope, as it came. Tries again, at the next controller too,
// until the time is up. A request whose connection broke is sent again although it may have been carried out.
import {
  type AnyApi,
  type Api,
  decodeRequest,
  decodeResponse,
  type Encodable,
  encodeRequest,
  encodeResponse,
} from '../../protocol/api.ts'
import { ErrorCode, KafkaError } from '../../protocol/errors.ts'
import { readResponseHeader, requestFrame } from '../../protocol/frames.ts'
import { Envelope } from '../../protocol/schemas/58-envelope.ts'
import type {
  ControllerChannel,
  ControllerRequestContext,
  LocalController,
} from '../controller/types.ts'
import type { CommitFollower } from '../metadata/publisher.ts'
import type { ForwardingMeter } from '../metrics/forwarding-meter.ts'
import { LeaderPeer } from '../network/leader-peer.ts'
import { type PeerClient, PeerError } from '../network/types.ts'
import type { LeaderAndEpoch } from '../raft/types.ts'
import type { Clock, Endpoint, TimerHandle, Timers } from '../runtime/runtime.ts'
import { encodeAddress, encodePrincipal, FORWARDED_APIS } from './envelope.ts'
import { errorResponse } from './error-response.ts'

export interface ControllerChannelOptions {
  nodeId: number
  runtime: { clock: Clock; timers: Timers }
  quorum: { readonly leaderAndEpoch: LeaderAndEpoch }
  /** null where this process is a broker only. */
  localController: LocalController | null
  /** Controller listeners by node id. */
  controllerEndpoints: Pick<ReadonlyMap<number, Endpoint>, 'get'>
  connect: (endpoint: Endpoint) => PeerClient
  retryBackoffMs?: number
  meter?: ForwardingMeter
}

interface SendOptions {
  version: number
  timeoutMs: number
  context: ControllerRequestContext
}

const DEFAULT_RETRY_BACKOFF_MS = 50
/** One attempt waits no longer for an answer: the controller may hang, and another take over. */
const ATTEMPT_TIMEOUT_MS = 10_000

export class RoutingControllerChannel implements ControllerChannel, CommitFollower {
  readonly #options: ControllerChannelOptions
  readonly #waiting = new Set<() => void>()
  readonly #peer: LeaderPeer
  #isClosed = false

  constructor(options: ControllerChannelOptions) {
    this.#options = options
    this.#peer = new LeaderPeer(options)
  }

  get activeControllerId(): number {
    return this.#options.quorum.leaderAndEpoch.leaderId ?? -1
  }

  async send<Request, Response>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    options: SendOptions,
  ): Promise<Response> {
    const { clock } = this.#options.runtime
    const askedMs = clock.monotonicMs()
    const deadlineMs = askedMs + options.timeoutMs
    let wasReached = false
    for (;;) {
      const leftMs = deadlineMs - clock.monotonicMs()
      if (leftMs <= 0 || this.#isClosed) throw timeoutError(api, wasReached)
      const leaderId = this.activeControllerId
      wasReached ||= leaderId >= 0
      const timeoutMs = Math.min(leftMs, ATTEMPT_TIMEOUT_MS)
      const response =
        leaderId < 0
          ? null
          : await this.#attempt(leaderId, api, request, { ...options, timeoutMs, askedMs })
      if (response !== null) return response
      await this.#backOff(FORWARDED_APIS.has(api.key))
    }
  }

  /** Requests to a controller that leads no more are sent to the next. */
  handleLeaderChange(leader: LeaderAndEpoch): void {
    this.#peer.dropOthers(leader.leaderId)
    for (const wake of [...this.#waiting]) wake()
  }

  close(): void {
    this.#isClosed = true
    this.#peer.drop()
    for (const wake of [...this.#waiting]) wake()
  }

  /** null: not there, ask again. */
  async #attempt<Request, Response>(
    leaderId: number,
    api: Api<Request, Response>,
    request: Encodable<Request>,
    options: SendOptions & { askedMs: number },
  ): Promise<Response | null> {
    const { nodeId, localController } = this.#options
    if (leaderId === nodeId && localController !== null) {
      return this.#callLocal(localController, api, request, options)
    }
    const client = this.#peer.of(leaderId)
    if (client === null) return null
    try {
      return FORWARDED_APIS.has(api.key)
        ? await this.#measured(options.askedMs, () => forward(client, api, request, options))
        : await sendPlain(client, api, request, options)
    } catch (error) {
      if (!(error instanceof PeerError)) throw error
      if (error.code === 'UNSUPPORTED_VERSION') {
        throw new KafkaError(ErrorCode.UNSUPPORTED_VERSION, error.message, { cause: error })
      }
      return null
    }
  }

  /** What is not answered is not measured: it is sent again. */
  async #measured<Response>(askedMs: number, send: () => Promise<Response>): Promise<Response> {
    const { meter, runtime } = this.#options
    const sentMs = runtime.clock.monotonicMs()
    const response = await send()
    meter?.answered(sentMs - askedMs, runtime.clock.monotonicMs() - sentMs)
    return response
  }

  async #callLocal<Request, Response>(
    controller: LocalController,
    api: Api<Request, Response>,
    request: Encodable<Request>,
    { version, context }: SendOptions,
  ): Promise<Response | null> {
    // Through the codec, so that both ends see what they would see on a wire.
    const asked = decodeRequest(api, version, Buffer.concat(encodeRequest(api, version, request)))
    const asResponse = (response: Encodable<Response>) =>
      decodeResponse(api, version, Buffer.concat(encodeResponse(api, version, response)))
    try {
      return asResponse(await controller.handle(api, asked, { ...context, apiVersion: version }))
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      if (error.code === ErrorCode.NOT_CONTROLLER) return null
      const failure = { errorCode: error.code, errorMessage: error.message }
      const response = errorResponse(api as unknown as AnyApi, asked, failure, version)
      if (response === null) throw error
      // Safe because errorResponse fills in the response of this very API.
      return asResponse(response as Encodable<Response>)
    }
  }

  /** Ends early when the controller changes. */
  #backOff(isForwarded: boolean): Promise<void> {
    const { meter } = this.#options
    if (isForwarded) meter?.waiting(1)
    const { timers } = this.#options.runtime
    const delayMs = this.#options.retryBackoffMs ?? DEFAULT_RETRY_BACKOFF_MS
    return new Promise((resolve) => {
      let timer: TimerHandle | null = null
      const wake = () => {
        timers.clear(timer)
        if (this.#waiting.delete(wake) && isForwarded) meter?.waiting(-1)
        resolve()
      }
      this.#waiting.add(wake)
      timer = timers.set(delayMs, wake)
    })
  }
}

function timeoutError(api: AnyApi | Api<never, never>, wasReached: boolean): KafkaError {
  return wasReached
    ? new KafkaError(ErrorCode.REQUEST_TIMED_OUT, `${api.name} timed out at the controller`)
    : new KafkaError(ErrorCode.BROKER_NOT_AVAILABLE, `${api.name}: there is no controller`)
}

async function sendPlain<Request, Response>(
  client: PeerClient,
  api: Api<Request, Response>,
  request: Encodable<Request>,
  { version, timeoutMs }: SendOptions,
): Promise<Response | null> {
  const response = await client.send(api, request, { version, timeoutMs })
  const { errorCode } = response as { errorCode?: number }
  return errorCode === ErrorCode.NOT_CONTROLLER ? null : response
}

async function forward<Request, Response>(
  client: PeerClient,
  api: Api<Request, Response>,
  request: Encodable<Request>,
  { version, timeoutMs, context }: SendOptions,
): Promise<Response | null> {
  const header = { version, correlationId: 0, clientId: context.clientId }
  const frame = Buffer.concat(requestFrame(api, header, request))
  const envelope = await client.send(
    Envelope,
    {
      // An envelope holds the request without its length prefix.
      requestData: frame.subarray(4),
      requestPrincipal: encodePrincipal(context.principal),
      clientHostAddress: encodeAddress(context.clientAddress ?? '127.0.0.1'),
    },
    { timeoutMs },
  )
  if (envelope.errorCode === ErrorCode.NOT_CONTROLLER) return null
  if (envelope.errorCode !== ErrorCode.NONE || envelope.responseData === null) {
    const message = `the controller refused to forward ${api.name}: error ${envelope.errorCode}`
    throw new KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, message)
  }
  const { bodyOffset } = readResponseHeader(api, version, envelope.responseData)
  return decodeResponse(api, version, envelope.responseData.subarray(bodyOffset))
}
