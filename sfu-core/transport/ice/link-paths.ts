import type { KernelAddress } from '../udp/datagram-batch.ts'
import type { BoundAddress } from './candidates.ts'
import { LIVENESS } from './liveness.ts'
import type { UdpSocket } from './udp-sockets.ts'

/** One way to a peer: a socket of ours and an address of theirs that a STUN message with integrity came from. */
export interface LinkPath {
  readonly socket: UdpSocket
  readonly address: string
  readonly port: number
  /** Something authentic came this way. */
  heardAtMs: number
  /** The peer answered a question that we sent this way (RFC 7675): media here is wanted. Null: never. */
  consentedAtMs: number | null
  /** A check of the peer's came this way, not just an answer to ours. */
  isChecked: boolean
  /** The peer's latest USE-CANDIDATE for it; null: none. */
  nominatedAtMs: number | null
  /** The oldest question that nothing was heard after; null where none is open. */
  unansweredSinceMs: number | null
  /** The latest question. */
  askedAtMs: number
  /** The address as the kernel has it, made when it is first sent to. */
  kernelAddress: KernelAddress | null
}

/** A phone has Wi-Fi and mobile data, IPv4 and IPv6, against every address of ours. */
export const MAX_PATHS = 32
/**
 * A selected path that was silent for this long loses its place to one that speaks. Longer than the 2.5 s between
 * the checks of a browser that only listens, and than the consent requests that fill them.
 */
const STALE_AFTER_MS = 3_500
/** So does one that leaves a question without an answer for this long: two round trips over a satellite. */
const UNANSWERED_AFTER_MS = 1_500

/**
 * The paths of one link, and which of them we send on. ICE-lite: the browser, which controls, says so by
 * USE-CANDIDATE, and moves us by saying it on another path (RFC 8445 §8.2). The first path is taken at once, for the
 * handshake. Later ones only with consent: a check's source address can be forged, by the peer itself too, and media
 * must not go to a stranger.
 */
export class LinkPaths {
  #paths: LinkPath[] = []
  #selected: LinkPath | null = null
  #selectedAtMs = 0
  #isFirst = true
  readonly #onSelected: (path: LinkPath | null) => void

  /** `onSelected` is told each change. */
  constructor(onSelected: (path: LinkPath | null) => void = () => {}) {
    this.#onSelected = onSelected
  }

  get selected(): LinkPath | null {
    return this.#selected
  }

  get all(): readonly LinkPath[] {
    return this.#paths
  }

  /** The path that something authentic came by, and the one that had to go for it. */
  learn(socket: UdpSocket, remote: BoundAddress, nowMs: number): { path: LinkPath; evicted: LinkPath | null } {
    const known = this.#find(socket, remote)
    if (known) return { path: known, evicted: null }
    const path: LinkPath = {
      socket,
      address: remote.address,
      port: remote.port,
      heardAtMs: nowMs,
      consentedAtMs: null,
      isChecked: false,
      nominatedAtMs: null,
      unansweredSinceMs: null,
      askedAtMs: Number.NEGATIVE_INFINITY,
      kernelAddress: null,
    }
    this.#paths.push(path)
    return { path, evicted: this.#paths.length > MAX_PATHS ? this.#evict(path) : null }
  }

  #find(socket: UdpSocket, remote: BoundAddress): LinkPath | null {
    for (const path of this.#paths) {
      if (path === remote) return path
      if (path.port === remote.port && path.socket === socket && path.address === remote.address) return path
    }
    return null
  }

  /** The longest silent one, never the one in use. */
  #evict(kept: LinkPath): LinkPath | null {
    let oldest: LinkPath | null = null
    for (const path of this.#paths) {
      const mayGo = path !== kept && path !== this.#selected
      if (mayGo && (!oldest || path.heardAtMs < oldest.heardAtMs)) oldest = path
    }
    this.#paths = this.#paths.filter((path) => path !== oldest)
    return oldest
  }

  /** A check of the peer's came by `path`. */
  onCheck(path: LinkPath, check: { nominated: boolean; nowMs: number }): void {
    path.isChecked = true
    if (check.nominated) path.nominatedAtMs = check.nowMs
    this.onHeard(path, check.nowMs)
  }

  /** Something authentic came by `path`. */
  onHeard(path: LinkPath, nowMs: number): void {
    path.heardAtMs = nowMs
    path.unansweredSinceMs = null
    if (this.#shouldTake(path, nowMs)) this.#select(path, nowMs)
  }

  /**
   * The peer answered a question of ours by `path`. An answer alone selects nothing: it tells that the path works,
   * not that the controlling side wants it.
   */
  onConsent(path: LinkPath, nowMs: number): void {
    path.consentedAtMs = nowMs
    path.heardAtMs = nowMs
    path.unansweredSinceMs = null
    if (this.#shouldTake(path, nowMs)) this.#select(path, nowMs)
  }

  onAsked(path: LinkPath, nowMs: number): void {
    path.askedAtMs = nowMs
    path.unansweredSinceMs ??= nowMs
  }

  #shouldTake(path: LinkPath, nowMs: number): boolean {
    const selected = this.#selected
    if (path === selected) return false
    if (!selected) return this.#isFirst ? path.isChecked : hasConsent(path, nowMs)
    if (!hasConsent(path, nowMs)) return false
    return isLaterNominated(path, selected) || isStale(selected, nowMs)
  }

  #select(path: LinkPath, nowMs: number): void {
    this.#isFirst = false
    this.#selected = path
    this.#selectedAtMs = nowMs
    this.#onSelected(path)
  }

  /** Leaves a path that lost its consent, and one that fell silent where another speaks. */
  tick(nowMs: number): void {
    const selected = this.#selected
    if (!selected) return
    const isOver = nowMs - Math.max(this.#selectedAtMs, selected.consentedAtMs ?? 0) >= LIVENESS.closedAfterMs
    if (!isOver && !isStale(selected, nowMs)) return
    const other = this.#newest((path) => path !== selected && hasConsent(path, nowMs) && !isStale(path, nowMs))
    if (other && (isOver || other.heardAtMs > selected.heardAtMs)) this.#select(other, nowMs)
    else if (isOver) this.#unselect()
  }

  /** When `tick` may have something to do next, as things are. */
  get quietUntilMs(): number {
    const selected = this.#selected
    if (!selected) return Number.POSITIVE_INFINITY
    if (selected.unansweredSinceMs !== null) return 0
    const consentEndsAtMs = Math.max(this.#selectedAtMs, selected.consentedAtMs ?? 0) + LIVENESS.closedAfterMs
    return Math.min(selected.heardAtMs + STALE_AFTER_MS, consentEndsAtMs)
  }

  #unselect(): void {
    this.#selected = null
    this.#onSelected(null)
  }

  #newest(counts: (path: LinkPath) => boolean): LinkPath | null {
    let newest: LinkPath | null = null
    for (const path of this.#paths) {
      if (counts(path) && (!newest || path.heardAtMs > newest.heardAtMs)) newest = path
    }
    return newest
  }
}

/** RFC 7675 §5.1: an answer holds for 30 s. */
export function hasConsent(path: LinkPath, nowMs: number): boolean {
  return path.consentedAtMs !== null && nowMs - path.consentedAtMs < LIVENESS.closedAfterMs
}

function isLaterNominated(path: LinkPath, than: LinkPath): boolean {
  return path.nominatedAtMs !== null && (than.nominatedAtMs === null || path.nominatedAtMs > than.nominatedAtMs)
}

function isStale(path: LinkPath, nowMs: number): boolean {
  if (nowMs - path.heardAtMs > STALE_AFTER_MS) return true
  return path.unansweredSinceMs !== null && nowMs - path.unansweredSinceMs > UNANSWERED_AFTER_MS
}
