import { CANDIDATES_MAX_CALLS, CANDIDATES_MAX_LINES } from '../../sfu-core/contract/limits.ts'
import type { Clock } from './clock.ts'

/** Candidates that come close together go in one message. */
const CANDIDATES_BATCH_MS = 100

export interface LateCandidatesOptions {
  clock: Clock
  /** Nobody waits for it, and a failure is no matter: the page goes on with its own checks. */
  send(lines: string[]): void
}

/**
 * The addresses of this page that were found after its offer went out (RFC 8838): a host behind a home router opens
 * its own way to them. They are kept until the node has answered, for before that it knows nobody to reach.
 */
export class LateCandidates {
  readonly #options: LateCandidatesOptions
  #lines: string[] = []
  #calls = 0
  #answered = false
  #cancel: (() => void) | null = null
  #closed = false

  constructor(options: LateCandidatesOptions) {
    this.#options = options
  }

  /** @param line as in an icecandidate event. */
  add(line: string): void {
    if (this.#closed || !isOfUse(line)) return
    this.#lines.push(line)
    this.#schedule()
  }

  /** The node has answered. */
  begin(): void {
    this.#answered = true
    this.#schedule()
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#cancel = null
  }

  #schedule(): void {
    if (!this.#answered || this.#closed || this.#lines.length === 0 || this.#cancel !== null) return
    if (this.#calls >= CANDIDATES_MAX_CALLS) return
    this.#cancel = this.#options.clock.after(CANDIDATES_BATCH_MS, () => {
      this.#cancel = null
      this.#calls += 1
      this.#options.send(this.#lines.splice(0, CANDIDATES_MAX_LINES))
      this.#schedule()
    })
  }
}

/** The node has UDP only, and no way to look up a browser's mDNS names (RFC 8839 §5.1: component, transport, priority, address). */
function isOfUse(line: string): boolean {
  const [, component, transport = '', , address = ''] = line.split(' ')
  return component === '1' && transport.toLowerCase() === 'udp' && address !== '' && !address.endsWith('.local')
}
