import type { TapeGrant } from '../../../../server/contract/views.ts'
import type { TakeClock } from '../../../../sfu-core/contract/node-protocol.ts'
import type { Receipt, TapeOpening } from '../../../../sfu-core/contract/tape.ts'
import { type ChunkRequest, TapeFailure, type TapeServer } from '../tape-server.ts'
import type { EndDeclaration, TapeFailureReason } from '../tape-status.ts'

type Call = 'open' | 'clock' | 'end' | 'put'

/** Keeps what it is sent; fails as it is told. */
export class FakeServer implements TapeServer {
  readonly opened: TapeOpening[] = []
  readonly chunks = new Map<number, ChunkRequest>()
  readonly ended: EndDeclaration[] = []
  /** How often each was asked, also in vain. */
  readonly asked: Record<Call, number> = { open: 0, clock: 0, end: 0, put: 0 }
  /** Puts that have not been answered. */
  underWay = 0
  mostUnderWay = 0
  /** Asked before each answer. */
  failing: (call: Call, index: number | null) => TapeFailureReason | null = () => null
  /** Where set, puts wait for it. */
  gate: Promise<void> | null = null
  takeMs: () => number = () => 0
  takeId = 'take1'

  async open(_seat: string, opening: TapeOpening): Promise<TapeGrant> {
    this.#fail('open')
    this.opened.push(opening)
    return { tapeId: opening.tapeId, token: 'token' }
  }

  async clock(): Promise<TakeClock> {
    this.#fail('clock')
    return { takeId: this.takeId as TakeClock['takeId'], takeMs: this.takeMs() }
  }

  async end(_token: string, declaration: EndDeclaration): Promise<void> {
    this.#fail('end')
    this.ended.push(declaration)
  }

  async putChunk(request: ChunkRequest): Promise<Receipt> {
    this.underWay += 1
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    try {
      await this.gate
      this.#fail('put', request.header.index)
      this.chunks.set(request.header.index, request)
      const { index, firstSample, sampleCount, sha256 } = request.header
      return { tapeId: request.grant.tapeId, index, firstSample, sampleCount, sha256, storedAtMs: 0, signature: '' }
    } finally {
      this.underWay -= 1
    }
  }

  #fail(call: Call, index: number | null = null): void {
    this.asked[call] += 1
    const reason = this.failing(call, index)
    if (reason !== null) throw new TapeFailure(reason)
  }
}
