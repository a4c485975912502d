import type { TapeGrant } from '../../../server/contract/views.ts'
import type { TakeClock } from '../../../sfu-core/contract/node-protocol.ts'
import type { Receipt, TapeChunkHeader, TapeOpening } from '../../../sfu-core/contract/tape.ts'
import type { EndDeclaration, TapeFailureReason } from './tape-status.ts'

/** The server, as far as tapes need it. Every no, and every silence, is a TapeFailure. */
export interface TapeServer {
  open(seat: string, opening: TapeOpening): Promise<TapeGrant>
  /** Where the take's clock stands. */
  clock(token: string): Promise<TakeClock>
  end(token: string, declaration: EndDeclaration): Promise<void>
  putChunk(chunk: ChunkRequest): Promise<Receipt>
}

export interface ChunkRequest {
  readonly grant: TapeGrant
  readonly header: TapeChunkHeader
  readonly flac: Uint8Array<ArrayBuffer>
  readonly signal: AbortSignal
}

export class TapeFailure extends Error {
  override readonly name = 'TapeFailure'
  readonly reason: TapeFailureReason
  readonly retryAfterMs: number | null

  constructor(reason: TapeFailureReason, retryAfterMs: number | null = null) {
    super(reason)
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

/** Time will mend it, or somebody will. */
const PASSING: ReadonlySet<TapeFailureReason> = new Set<TapeFailureReason>([
  'offline',
  'timed-out',
  'too-many-requests',
  'server-error',
  'node-gone',
  'node-busy',
  'node-unknown',
  'disk-full',
  'server-disk-full',
  'quota-exceeded',
])

export function isPassing(reason: TapeFailureReason): boolean {
  return PASSING.has(reason)
}

/** What failed, whatever was thrown. */
export function failureFrom(error: unknown): TapeFailure {
  if (error instanceof TapeFailure) return error
  if (error instanceof DOMException && error.name === 'TimeoutError') return new TapeFailure('timed-out')
  // What fetch throws where no answer came at all.
  if (error instanceof TypeError) return new TapeFailure('offline')
  return new TapeFailure('server-error')
}
