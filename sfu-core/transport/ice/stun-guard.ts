import type { IceAgent } from './ice-agent.ts'
import { type RateLimit, TokenBucket } from './token-bucket.ts'

/**
 * How much work strangers may cause. A message with an unknown user name costs a look into a table and is dropped; one
 * with a right user name costs an HMAC. User names are as secret as offers and answers, so wrong signatures under one
 * are counted against that link: whoever floods harms the link they know, not the others', wherever the source
 * addresses are forged to be. Messages from a link's proven addresses are read in any case.
 */
export const STUN_LIMITS = {
  /** Wrong signatures under one link's user name. A browser makes none. */
  forgedPerLink: { perSecond: 20, burst: 40 },
  /** In all, 1 µs each. */
  forgedInAll: { perSecond: 4_000, burst: 4_000 },
  /** Plain binding requests (a STUN server's work) of one source address: a household's, at each join. */
  plainPerAddress: { perSecond: 5, burst: 30 },
  plainInAll: { perSecond: 500, burst: 1_000 },
  /** Source addresses that are counted; beyond, the longest known is forgotten. */
  addressesKept: 4_096,
} as const satisfies Record<string, RateLimit | number>

export class StunGuard {
  readonly #forgedInAll: TokenBucket
  readonly #plainInAll: TokenBucket
  /** Only of links whose name was abused. */
  readonly #forgedByLink = new Map<IceAgent, TokenBucket>()
  readonly #plainByAddress = new Map<string, TokenBucket>()

  constructor(nowMs: number) {
    this.#forgedInAll = new TokenBucket(STUN_LIMITS.forgedInAll, nowMs)
    this.#plainInAll = new TokenBucket(STUN_LIMITS.plainInAll, nowMs)
  }

  /** Whether a signature from a new address may be checked. */
  mayVerify(agent: IceAgent, nowMs: number): boolean {
    return (this.#forgedByLink.get(agent)?.has(nowMs) ?? true) && this.#forgedInAll.has(nowMs)
  }

  onForged(agent: IceAgent, nowMs: number): void {
    this.#forgedInAll.take(nowMs)
    const bucket = this.#forgedByLink.get(agent) ?? new TokenBucket(STUN_LIMITS.forgedPerLink, nowMs)
    bucket.take(nowMs)
    this.#forgedByLink.set(agent, bucket)
  }

  mayAnswerPlain(address: string, nowMs: number): boolean {
    if (!this.#plainInAll.has(nowMs)) return false
    const bucket = this.#plainByAddress.get(address) ?? new TokenBucket(STUN_LIMITS.plainPerAddress, nowMs)
    // Set anew: a Map is walked in the order of insertion, so the first is the longest silent.
    this.#plainByAddress.delete(address)
    this.#plainByAddress.set(address, bucket)
    this.#forgetOldest()
    return bucket.take(nowMs) && this.#plainInAll.take(nowMs)
  }

  #forgetOldest(): void {
    if (this.#plainByAddress.size <= STUN_LIMITS.addressesKept) return
    const oldest = this.#plainByAddress.keys().next().value
    if (oldest !== undefined) this.#plainByAddress.delete(oldest)
  }

  forget(agent: IceAgent): void {
    this.#forgedByLink.delete(agent)
  }
}
