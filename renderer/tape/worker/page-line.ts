import type { TapeGrant } from '../../../server/contract/views.ts'
import type { TakeClock } from '../../../sfu-core/contract/node-protocol.ts'
import { putChunk } from './put-chunk.ts'
import { TapeFailure, type TapeServer } from './tape-server.ts'
import type { TapeAsk, TapeAskAnswer } from './tape-status.ts'

/** The server: small questions go over the page's line, chunks straight from here. */
export class PageLine {
  readonly server: TapeServer
  readonly #post: (id: number, ask: TapeAsk) => void
  readonly #waiting = new Map<number, (answer: TapeAskAnswer) => void>()
  #lastId = 0

  constructor(serverUrl: string, post: (id: number, ask: TapeAsk) => void) {
    this.#post = post
    this.server = {
      open: (seat, opening) => this.#ask<TapeGrant>({ procedure: 'open', seat, opening }),
      clock: (token) => this.#ask<TakeClock>({ procedure: 'clock', token }),
      end: async (token, declaration) => {
        await this.#ask({ procedure: 'end', token, declaration })
      },
      putChunk: (request) => putChunk(serverUrl, request),
    }
  }

  answered(id: number, answer: TapeAskAnswer): void {
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve?.(answer)
  }

  async #ask<T extends TapeGrant | TakeClock | null>(ask: TapeAsk): Promise<T> {
    this.#lastId += 1
    const id = this.#lastId
    const answer = await new Promise<TapeAskAnswer>((resolve) => {
      this.#waiting.set(id, resolve)
      this.#post(id, ask)
    })
    if (!answer.ok) throw new TapeFailure(answer.reason, answer.retryAfterMs)
    // The page answers each procedure with its own type.
    return answer.value as T
  }
}
