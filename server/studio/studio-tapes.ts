import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import type { TapeMaterial, TapesArrival } from '../tapes/tape-material.ts'

/** What the studio wants to know of tapes. */
export interface StudioTapes {
  factsOf(takeId: TakeId): Promise<TapeFacts>
  sourcesOf(takeId: TakeId): Promise<TapeMaterial[]>
  standingsOf(manifest: TakeManifest): Promise<TapeStanding[]>
}

export interface TapeFacts extends TapesArrival {
  /** Chunks that are stored, of all tapes. */
  chunkCount: number
  /** Of those, the ones whose files are here: not handed over to the host's own computer. */
  hereCount: number
}
