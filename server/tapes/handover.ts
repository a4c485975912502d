import type { TapeId } from '../../sfu-core/contract/ids.ts'
import { TAPE_TOKEN_TTL_S } from '../../sfu-core/contract/limits.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { NowMs } from '../clock.ts'
import type { HandoverList, HandoverTape } from '../contract/handover.ts'
import type { HandoverStore, HostComputer } from './handover.db.ts'
import type { KeyedLock } from './keyed-lock.ts'
import type { TapeFiles } from './tape-files.ts'
import type { TapeNews } from './tape-news.ts'
import { type ChunkRecord, isComplete, type TapeRecord, type TapeStore } from './tape-record.ts'

/** Gives tapes to the host's own computer, where a room's recordings are kept. `hostId`: whose computer asks. */
export interface Handover {
  list(host: HostComputer): Promise<HandoverList>
  /** How many tapes are on their way to that computer. */
  countFor(host: HostComputer): Promise<number>
  /** Where the chunk's file lies. @throws Refusal `not-allowed`. */
  fileOf(hostId: string, tapeId: TapeId, index: number): Promise<{ path: string; sizeBytes: number }>
  /**
   * The computer has the chunk, with that hash: it is removed here. Its row stays, and with it the receipt.
   * @throws Refusal `not-allowed`, `chunk-damaged` (another hash).
   */
  confirm(hostId: string, chunk: { tapeId: TapeId; index: number; sha256: string }): Promise<void>
  /** All of the tape is on the computer, its end too. @throws Refusal `not-allowed`, `take-not-ready`. */
  close(hostId: string, tapeId: TapeId): Promise<void>
}

export interface HandoverDeps {
  store: TapeStore
  handovers: HandoverStore
  files: TapeFiles
  /** By tape: shared with the chunks' receiver. */
  lock: KeyedLock
  news: TapeNews
  nowMs: NowMs
}

export function createHandover(deps: HandoverDeps): Handover {
  const { handovers, files, lock, nowMs } = deps
  const newsSinceMs = () => nowMs() - TAPE_TOKEN_TTL_S * 1_000
  return {
    async list(host) {
      const tapes = await handovers.tapesFor(host, newsSinceMs())
      const chunks = await handovers.chunksHere(tapes.map(({ tapeId }) => tapeId))
      return {
        tapes: tapes.map(viewOf),
        chunks: chunks.map(({ tapeId, header, sizeBytes }) => ({ tapeId, header, sizeBytes })),
      }
    },
    countFor: (host) => handovers.countFor(host, newsSinceMs()),
    async fileOf(hostId, tapeId, index) {
      const tape = await tapeOf(deps, hostId, tapeId)
      const { sizeBytes } = await chunkOf(deps, tapeId, index)
      return { path: files.pathOf(tape, index), sizeBytes }
    },
    async confirm(hostId, { tapeId, index, sha256 }) {
      const tape = await tapeOf(deps, hostId, tapeId)
      await lock.run(tapeId, async () => {
        const { header, isHandedOver } = await chunkOf(deps, tapeId, index)
        if (header.sha256 !== sha256.toLowerCase()) {
          throw new Refusal('chunk-damaged', 'The chunk on your computer is not the one that is here.')
        }
        if (isHandedOver) return
        // First the file: a crash between the two leaves a row that is confirmed again, never a file that nobody knows of.
        await files.remove(tape, index)
        await handovers.handOver(tapeId, index, nowMs())
      })
      deps.news.tell(tape.takeId)
    },
    async close(hostId, tapeId) {
      const tape = await tapeOf(deps, hostId, tapeId)
      const isAllThere = isComplete(tape) && (await handovers.countHere(tapeId)) === 0
      if (!isAllThere) throw new Refusal('take-not-ready', 'More of that tape is to come.')
      await handovers.handOverTape(tapeId, nowMs())
      await files.removeFolder(tape)
    },
  }
}

/** Strangers do not learn whether it exists. */
async function tapeOf({ handovers }: HandoverDeps, hostId: string, tapeId: TapeId): Promise<TapeRecord> {
  const tape = await handovers.tapeFor(hostId, tapeId)
  if (tape !== null) return tape
  throw new Refusal('not-allowed', 'That tape is not kept on your computer.')
}

async function chunkOf({ store }: HandoverDeps, tapeId: TapeId, index: number): Promise<ChunkRecord> {
  const { same } = await store.around(tapeId, index)
  if (same !== null) return same
  throw new Refusal('not-allowed', 'That chunk is not here.')
}

function viewOf(tape: TapeRecord): HandoverTape {
  const { tapeId, roomId, takeId, participantId, name, source, channels, deviceLabel, declared } = tape
  return {
    tapeId,
    roomId,
    takeId,
    participantId,
    name,
    source,
    channels,
    deviceLabel,
    end: declared?.end ?? null,
    declaredSamples: declared?.sampleCount ?? null,
    isComplete: isComplete(tape),
  }
}
