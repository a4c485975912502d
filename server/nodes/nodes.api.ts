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

export interface NumberedRequest {
  requestId: number
  request: NodeRequest
}

export interface HeartbeatAnswer {
  /** A fresh permission to register, from time to time; else null. */
  nodeToken: string | null
}
