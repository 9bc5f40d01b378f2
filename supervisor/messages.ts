// What is said over the control socket: one line of JSON each way, then it is closed.
import type { BrokerStatus } from './broker-process.ts'

export type SupervisorRequest =
  | { verb: 'status' }
  | { verb: 'start'; broker: number }
  | { verb: 'stop'; broker: number }
  | { verb: 'pause'; broker: number }
  | { verb: 'kill'; broker: number; signal?: string }
  /** A broker more, started and waited for; the next free id where none is given. */
  | { verb: 'add'; broker?: number; rack?: string }
  /** Stops a broker and forgets it, its directory included; one that was laid out with a vote must have given it up. */
  | { verb: 'remove'; broker: number; hasLeftQuorum?: boolean }
  /** Ends the supervisor and all its children. */
  | { verb: 'shutdown' }

export interface SupervisorStatus {
  pid: number
  startedMs: number
  clusterId: string
  host: string
  brokers: BrokerStatus[]
  /** Other children by name: running or not. */
  processes: { name: string; pid: number | null; restarts: number }[]
}

export type SupervisorReply = { ok: true; status: SupervisorStatus } | { ok: false; error: string }
