// How brokers talk to the active controller, and how the controller is fed. Implemented in
// broker/controller (the state machine) and broker/api/controller-channel.ts (routing and retry).
import type { Api, Encodable } from '../../protocol/api.ts'

/** Who asked, carried along when a broker forwards. */
export interface ControllerRequestContext {
  principal: string
  clientId: string | null
  apiVersion: number
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
