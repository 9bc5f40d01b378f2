// How brokers talk to the active controller, and how the controller is fed. Implemented in
// broker/controller (the state machine) and broker/api/controller-channel.ts (routing and retry).
import type { Api, Encodable } from '../../protocol/api.ts'

/** Who asked, carried along when a broker forwards. */
export interface ControllerRequestContext {
  principal: string
  clientId: string | null
  apiVersion: number
  /** Where the client is, as an IP address; this host when left out. */
  clientAddress?: string
}

/**
 * Sends a request to the active controller: a direct call when it lives in this process, else over the
 * controller listener. Retries while there is none, until `timeoutMs`; then throws KafkaError
 * (REQUEST_TIMED_OUT, or BROKER_NOT_AVAILABLE when none was found).
 */
export interface ControllerChannel {
  send<Request, Response>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    options: { version: number; timeoutMs: number; context: ControllerRequestContext },
  ): Promise<Response>
  /** The active controller's id as this broker knows it, -1 when unknown. */
  readonly activeControllerId: number
}

/**
 * The controller of this process, active or not. The handlers of the controller listener use it, and the
 * channel when the active controller is here. Implemented by `ControllerNode` in controller-node.ts.
 */
export interface LocalController {
  readonly isActive: boolean
  /**
   * Resolves once what the request changed is committed. Throws KafkaError: NOT_CONTROLLER when this node
   * does not lead (any more), else whatever fails the whole request.
   */
  handle<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    context: ControllerRequestContext,
  ): Promise<Encodable<Response>>
  /** A connection that carries heartbeats of `brokerId`; its end is a hint that the broker died. */
  watchHeartbeats(brokerId: number, connection: HeartbeatConnection): void
}

/** What the controller needs of a connection: `ConnectionContext` of broker/network has it. */
export interface HeartbeatConnection {
  readonly id: number
  /** Called once when the connection has ended, at once if it has already. */
  onClose(callback: () => void): void
}

/** Told what the controller does; implemented by `ControllerMeasures`. */
export interface ControllerMeter {
  /** Runs one operation of the active controller, which could have begun at `dueMs`; now where that is left out. */
  measure<Result>(operation: () => Result, dueMs?: number): Result
  operationsTimedOut: number
  /** How often this node became the active controller. */
  terms: number
  /** Brokers fenced because no heartbeat came for a whole session. */
  sessionsTimedOut: number
}
