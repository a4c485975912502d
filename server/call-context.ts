import type { NodeId } from '../sfu-core/contract/ids.ts'
import type { ReasonCode } from '../sfu-core/contract/reasons.ts'
import type { Person } from './contract/views.ts'

/** What a call knows of its caller. Light on purpose: it is part of the router's type, which the page imports. */
export interface CallContext {
  readonly connection: Connection
}

/** One WebSocket, or one HTTP request. */
export interface Connection {
  readonly id: string
  readonly kind: 'http' | 'websocket'
  /** The caller's network address, by the rules of ENGAWA_TRUST_PROXY. */
  readonly address: string
  /** Who is signed in; null: nobody. Rejects with Refusal `server-error` while the database is gone. */
  person(): Promise<Person | null>
  /** What a node showed; null for people. */
  readonly nodeCredential: NodeCredential | null
  /** Counts one call. Rejects with RateRefusal when there are too many. */
  countCall(): Promise<void>
  /** False once it has ended: what it asked for must not take effect any more. */
  isOpen(): boolean
  /** Bytes that wait to be sent on this connection. */
  unsentBytes(): number
}

export type NodeCredential =
  | { kind: 'relay' }
  | { kind: 'desktop'; nodeId: NodeId; ownerId: string }
  | { kind: 'refused'; reason: ReasonCode; message: string }
