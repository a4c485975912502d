import { randomFillSync } from 'node:crypto'
import type { BoundAddress } from './candidates.ts'
import { TRANSACTION_ID_BYTES } from './stun.ts'
import type { UdpSocket } from './udp-sockets.ts'

/** A request of ours that waits for its answer. */
export interface StunRequest<Owner> extends BoundAddress {
  readonly owner: Owner
  readonly transactionId: Buffer
  readonly socket: UdpSocket
}

/**
 * Of one owner. An answer may be many questions late: full buffers and satellites take seconds, and the next
 * questions are out by then.
 */
export const REQUESTS_PER_OWNER = 32

/** What the node has asked and nobody has answered. Of each owner the oldest are forgotten: silence makes nothing grow. */
export class StunRequests<Owner> {
  readonly #byId = new Map<number, StunRequest<Owner>>()
  readonly #byOwner = new Map<Owner, StunRequest<Owner>[]>()

  get size(): number {
    return this.#byId.size
  }

  /** @returns the new request's transaction id. */
  add(owner: Owner, socket: UdpSocket, remote: BoundAddress): Buffer {
    const { address, port } = remote
    const request = { owner, transactionId: newTransactionId(), socket, address, port }
    const waiting = this.#byOwner.get(owner) ?? []
    this.#byOwner.set(owner, waiting)
    const forgotten = waiting.length >= REQUESTS_PER_OWNER ? waiting.shift() : undefined
    if (forgotten) this.#byId.delete(shortId(forgotten.transactionId))
    waiting.push(request)
    this.#byId.set(shortId(request.transactionId), request)
    return request.transactionId
  }

  find(transactionId: Buffer): StunRequest<Owner> | null {
    const request = this.#byId.get(shortId(transactionId))
    return request?.transactionId.equals(transactionId) ? request : null
  }

  remove(request: StunRequest<Owner>): void {
    this.#byId.delete(shortId(request.transactionId))
    const waiting = this.#byOwner.get(request.owner)
    const at = waiting?.indexOf(request) ?? -1
    if (at >= 0) waiting?.splice(at, 1)
    if (waiting?.length === 0) this.#byOwner.delete(request.owner)
  }

  forget(owner: Owner): void {
    for (const request of this.#byOwner.get(owner) ?? []) this.#byId.delete(shortId(request.transactionId))
    this.#byOwner.delete(owner)
  }
}

/** Enough of an id to look it up by, as a number: a text of it would be made anew for each answer. */
function shortId(transactionId: Buffer): number {
  return transactionId.readUIntBE(0, 6)
}

/** One call to the generator makes this many: it costs more than the bytes. */
const IDS_AHEAD = 128
const idsAhead = Buffer.alloc(IDS_AHEAD * TRANSACTION_ID_BYTES)
let nextId = IDS_AHEAD

/** RFC 8489 §5: 96 random bits, so that nobody who does not see the request can answer it. */
export function newTransactionId(): Buffer {
  if (nextId === IDS_AHEAD) {
    randomFillSync(idsAhead)
    nextId = 0
  }
  const at = nextId * TRANSACTION_ID_BYTES
  nextId += 1
  return Buffer.from(idsAhead.subarray(at, at + TRANSACTION_ID_BYTES))
}
