import { NEWS_INTERVAL_MS, NEWS_KEPT_MS } from './limits.ts'
import type { TapeStatus } from './tape-status.ts'
import type { WorkerClock } from './worker-clock.ts'

const CHANNEL = 'engawa:tapes'

type News = { type: 'hello' } | { type: 'tapes'; from: string; tapes: readonly TapeStatus[] }

export interface OtherPagesOptions {
  clock: WorkerClock
  /** Our own. */
  tapes(): readonly TapeStatus[]
  /** Another page told of this tape. */
  onTape(tapeId: string): void
  onChange(): void
}

/** What the pages of this browser tell each other of their tapes. */
export class OtherPages {
  readonly #options: OtherPagesOptions
  readonly #channel = new BroadcastChannel(CHANNEL)
  readonly #name = crypto.randomUUID()
  readonly #heard = new Map<string, { tapes: readonly TapeStatus[]; atMs: number }>()
  #isTelling = false
  #isClosed = false

  constructor(options: OtherPagesOptions) {
    this.#options = options
    this.#channel.onmessage = ({ data }: MessageEvent<News>) => this.#hear(data)
    this.#channel.postMessage({ type: 'hello' } satisfies News)
  }

  /** Tapes that other pages hold. */
  get tapes(): TapeStatus[] {
    const oldestMs = this.#options.clock.nowMs() - NEWS_KEPT_MS
    return [...this.#heard.values()].flatMap(({ tapes, atMs }) => (atMs < oldestMs ? [] : tapes))
  }

  /** Tells the others, a little later. */
  tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    this.#options.clock.after(NEWS_INTERVAL_MS, () => {
      this.#isTelling = false
      if (this.#isClosed) return
      this.#channel.postMessage({ type: 'tapes', from: this.#name, tapes: this.#options.tapes() } satisfies News)
    })
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#channel.close()
  }

  #hear(news: News): void {
    if (news.type === 'hello') {
      this.tell()
      return
    }
    const tapes = news.tapes.map((tape) => ({ ...tape, isElsewhere: true }))
    this.#heard.set(news.from, { tapes, atMs: this.#options.clock.nowMs() })
    for (const { tapeId, phase } of tapes) if (phase !== 'sent') this.#options.onTape(tapeId)
    this.#options.onChange()
  }
}
