import type { NodeId } from '../../sfu-core/contract/ids.ts'
import type {
  Heartbeat,
  NodeAnswer,
  NodeRegistration,
  NodeRequest,
  NodeWelcome,
  RoomPublication,
} from '../../sfu-core/contract/node-protocol.ts'
import type { Connection } from '../call-context.ts'

/** The rules about nodes, as the router sees them. All refuse with Refusal. */
export interface NodesApi {
  /** A desktop asks its owner's permission to register. */
  enroll(caller: Connection, name: string): Promise<Enrolment>
  /** What is to be brought to that computer of the caller's: it may have been off when it came. */
  waiting(caller: Connection, name: string): Promise<WaitingForNode>
  register(caller: Connection, registration: NodeRegistration): Promise<NodeWelcome>
  requests(caller: Connection, signal: AbortSignal): AsyncIterable<NumberedRequest>
  answer(caller: Connection, requestId: number, answer: NodeAnswer): null
  publish(caller: Connection, publication: RoomPublication): null
  heartbeat(caller: Connection, heartbeat: Heartbeat): Promise<HeartbeatAnswer>
}

export interface Enrolment {
  nodeId: NodeId
  nodeToken: string
}

export interface WaitingForNode {
  /** Tapes of takes that are kept on that computer, on their way to it. */
  tapes: number
}

export interface NumberedRequest {
  requestId: number
  request: NodeRequest
}

export interface HeartbeatAnswer {
  /** A fresh permission to register, from time to time; else null. */
  nodeToken: string | null
}
