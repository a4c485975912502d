import type { NodeId } from '../../sfu-core/contract/ids.ts'
import { NODE_ANSWER_TIMEOUT_MS, NODE_MAX_PENDING_REQUESTS } from '../../sfu-core/contract/limits.ts'
import type { Heartbeat, NodeAnswer, NodeRequest, TakeStorage } from '../../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { NumberedRequest } from './nodes.api.ts'

export interface NodeIdentity {
  nodeId: NodeId
  kind: 'relay' | 'desktop'
  /** null for a relay. */
  ownerId: string | null
  name: string
  takeStorage: TakeStorage
  /** `stun:` URLs that it answers; a person's own computer names none. */
  stunServers: readonly string[]
}

/** `replaced`: another process registered as the same node. */
export type SessionEnd = 'closed' | 'silent' | 'replaced'

type Accepted = Extract<NodeAnswer, { ok: true }>

interface Pending {
  resolve(answer: Accepted): void
  reject(refusal: Refusal): void
  timer: NodeJS.Timeout
}

/** One registration of a node on one connection: requests go out, answers come back. Ends with the connection. */
export class NodeSession {
  readonly identity: NodeIdentity
  readonly connectionId: string
  heartbeat: Heartbeat | null = null
  readonly #answerTimeoutMs: number
  readonly #pending = new Map<number, Pending>()
  #queue: NumberedRequest[] = []
  #lastId = 0
  #wake: (() => void) | null = null
  #ended: SessionEnd | null = null

  constructor(identity: NodeIdentity, connectionId: string, answerTimeoutMs = NODE_ANSWER_TIMEOUT_MS) {
    this.identity = identity
    this.connectionId = connectionId
    this.#answerTimeoutMs = answerTimeoutMs
  }

  /**
   * Asks the node and waits for its answer, for `timeoutMs` where that is less than for others.
   * @throws Refusal: the node's own; `node-busy` (too many wait), `timed-out`, `node-gone` (the line broke).
   */
  ask(request: NodeRequest, timeoutMs = this.#answerTimeoutMs): Promise<Accepted> {
    if (this.#ended !== null) return Promise.reject(gone())
    if (this.#pending.size >= NODE_MAX_PENDING_REQUESTS) {
      return Promise.reject(new Refusal('node-busy', 'Too many requests wait for that node.'))
    }
    this.#lastId += 1
    const requestId = this.#lastId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(requestId), timeoutMs)
      this.#pending.set(requestId, { resolve, reject, timer })
      this.#queue.push({ requestId, request })
      this.#wake?.()
    })
  }

  /** An answer that comes too late is dropped. */
  answer(requestId: number, answer: NodeAnswer): void {
    const pending = this.#settle(requestId)
    if (answer.ok) pending?.resolve(answer)
    else pending?.reject(new Refusal(answer.reason, answer.detail))
  }

  /** What the node is asked, as long as the session lasts. */
  async *requests(signal: AbortSignal): AsyncGenerator<NumberedRequest> {
    const wake = () => this.#wake?.()
    signal.addEventListener('abort', wake)
    while (this.#ended === null && !signal.aborted) {
      const next = this.#queue.shift()
      if (next === undefined) await new Promise<void>((resolve) => (this.#wake = resolve))
      else if (this.#pending.has(next.requestId)) yield next
    }
    signal.removeEventListener('abort', wake)
  }

  /** Everything that waits is refused. Idempotent. */
  end(why: SessionEnd): void {
    if (this.#ended !== null) return
    this.#ended = why
    for (const requestId of [...this.#pending.keys()]) this.#settle(requestId)?.reject(gone())
    this.#queue = []
    this.#wake?.()
  }

  get ended(): SessionEnd | null {
    return this.#ended
  }

  /** Nobody waits for it any more: a node that listens later must not do it. */
  #giveUp(requestId: number): void {
    this.#queue = this.#queue.filter((one) => one.requestId !== requestId)
    this.#settle(requestId)?.reject(late())
  }

  #settle(requestId: number): Pending | null {
    const pending = this.#pending.get(requestId)
    if (pending === undefined) return null
    clearTimeout(pending.timer)
    this.#pending.delete(requestId)
    return pending
  }
}

function gone(): Refusal {
  return new Refusal('node-gone', 'The computer that runs this room cannot be reached at the moment.')
}

function late(): Refusal {
  return new Refusal('timed-out', 'The computer that runs this room does not answer.')
}
