import type { CaptureNote, ClockSync, TapeEnd } from '../../../sfu-core/contract/tape.ts'
import { CaptureWatch } from './capture-watch.ts'
import { ChunkDraft, type ChunkSound } from './chunk-draft.ts'
import { inTime } from './in-time.ts'
import { type JournalWords, readJournal, samplesRecord, wordsRecord } from './journal.ts'
import { FLUSH_INTERVAL_MS, FLUSH_SHARE, NO_SOUND_MS, STORE_PATIENCE_MS } from './limits.ts'
import { SampleIntake, type SoundBlock } from './sample-intake.ts'
import type { SealedChunk, TapeFiles } from './tape-files.ts'
import type { EndDeclaration } from './tape-status.ts'
import type { TapeLog } from './tape-store.ts'
import type { WorkerClock } from './worker-clock.ts'

export interface TapeRunOptions {
  files: TapeFiles
  channels: number
  clock: Pick<WorkerClock, 'nowMs' | 'after'>
  onSealed(chunk: SealedChunk): void
  /** Chunks that could not be made so far; they are tried again. */
  onUnsealed(indexes: readonly number[]): void
}

/**
 * A tape that is being captured: sound goes into the journal at once, and every 4 s becomes a chunk. Nothing here waits for the
 * network; where the disk is slow, sound waits in memory.
 */
export class TapeRun {
  readonly #options: TapeRunOptions
  readonly #intake: SampleIntake
  readonly #watch = new CaptureWatch()
  #draft: ChunkDraft
  #journal: Journal
  #nextJournal: Journal
  /** Chunks are sealed one after the other. */
  #sealing: Promise<void> = Promise.resolve()
  /** What could not be made into a chunk: most likely the codec could not be loaded. */
  #unsealed: Unsealed[] = []
  #storedSamples = 0
  #heardAtMs: number
  #isFinished = false

  constructor(options: TapeRunOptions) {
    this.#options = options
    this.#heardAtMs = options.clock.nowMs()
    this.#intake = new SampleIntake(options.channels)
    this.#draft = new ChunkDraft({ index: 0, firstSample: 0, channels: options.channels })
    this.#journal = this.#openJournal(0)
    this.#nextJournal = this.#openJournal(1)
    this.#journal.begin(this.#draft, options.channels)
  }

  /** The journal takes sound from now on at once. */
  get ready(): Promise<void> {
    return this.#journal.opened
  }

  /** Of each channel. */
  get capturedSamples(): number {
    return this.#watch.count
  }

  /** Up to here it outlives the page, as far as the disk takes it. */
  get storedSamples(): number {
    if (this.#journal.isWhole) this.#storedSamples = this.#watch.count
    return this.#storedSamples
  }

  /** The journal does not fit on the disk: what is captured is in memory. */
  get isDiskFull(): boolean {
    return this.#journal.isLost
  }

  /** The microphone, or the browser's sound, stands still. */
  get isStalled(): boolean {
    return this.#options.clock.nowMs() - this.#heardAtMs > NO_SOUND_MS
  }

  /** What is not in a chunk yet, raw. */
  get unsealedBytes(): number {
    return this.#draft.samples.byteLength
  }

  take(block: SoundBlock): void {
    if (this.#isFinished) return
    this.#heardAtMs = this.#options.clock.nowMs()
    const samples = this.#intake.take(block)
    const { channels } = this.#options
    let at = 0
    while (at < samples.length) {
      const piece = samples.subarray(at, at + Math.min(samples.length - at, this.#draft.roomSamples * channels))
      this.#draft.add(piece)
      this.#journal.samples(piece)
      at += piece.length
      if (this.#draft.roomSamples === 0) this.#turn()
    }
    this.#see(samples.length / channels, block.atMs)
    this.#journal.flushInTime(block.atMs)
  }

  addSync(sync: ClockSync): void {
    this.#draft.addSync(sync)
    this.#journal.words({ type: 'sync', sync })
  }

  /** Says what a gap right here would come from. */
  suspect(cause: CaptureNote['cause']): void {
    this.#watch.suspect(cause)
  }

  /** The computer slept: neither the samples nor the page's clock show it, only the take's clock. */
  slept(): void {
    this.#note({ sample: this.#watch.count, cause: 'asleep' })
  }

  /** Ends the capture, makes a chunk of what there is, and declares the end. Once. */
  async finish(end: TapeEnd): Promise<EndDeclaration> {
    this.#isFinished = true
    const mark = this.#watch.last()
    if (mark !== null) this.#draft.addMark(mark)
    const { draft, journal } = { draft: this.#draft, journal: this.#journal }
    const next = this.#nextJournal
    if (draft.sampleCount > 0) this.#seal(draft, journal)
    else this.#sealing = this.#sealing.then(() => this.#sealWaiting())
    await this.#sealing
    for (const unused of draft.sampleCount > 0 ? [next] : [journal, next]) await unused.discard()
    const chunkCount = draft.index + (draft.sampleCount > 0 ? 1 : 0)
    const declaration: EndDeclaration = { chunkCount, sampleCount: this.#watch.count, end }
    await this.#options.files.writeEnd(declaration)
    return declaration
  }

  #see(sampleCount: number, atMs: number): void {
    const { mark, note } = this.#watch.took(sampleCount, atMs)
    if (mark !== null) {
      this.#draft.addMark(mark)
      this.#journal.words({ type: 'mark', mark })
    }
    if (note !== null) this.#note(note)
  }

  #note(note: CaptureNote): void {
    this.#draft.addNote(note)
    this.#journal.words({ type: 'note', note })
  }

  /** The chunk is full: the next begins. */
  #turn(): void {
    const { channels } = this.#options
    const full = this.#draft
    const journal = this.#journal
    this.#draft = new ChunkDraft({
      index: full.index + 1,
      firstSample: full.firstSample + full.sampleCount,
      channels,
    })
    this.#journal = this.#nextJournal
    this.#journal.begin(this.#draft, channels)
    this.#nextJournal = this.#openJournal(full.index + 2)
    this.#seal(full, journal)
  }

  #seal(draft: ChunkDraft, journal: Journal): void {
    this.#sealing = this.#sealing.then(async () => {
      // The chunk is made from memory: a journal that cannot be closed does not keep it, nor the chunks after it.
      await this.#inTime(journal.close()).catch(() => undefined)
      this.#unsealed.push({ index: draft.index, sound: draft, isJournalled: journal.isWhole })
      await this.#sealWaiting()
    })
  }

  /** In order; where one fails, the rest waits with it, on the disk where it can. */
  async #sealWaiting(): Promise<void> {
    const { onSealed, onUnsealed } = this.#options
    const hadFailed = this.#unsealed.length > 1
    try {
      for (let first = this.#unsealed[0]; first !== undefined; first = this.#unsealed[0]) {
        onSealed(await this.#sealed(first))
        this.#unsealed.shift()
      }
    } catch {
      for (const waiting of this.#unsealed) if (waiting.isJournalled) waiting.sound = null
    }
    if (hadFailed || this.#unsealed.length > 0) onUnsealed(this.#unsealed.map(({ index }) => index))
  }

  async #sealed({ index, sound }: Unsealed): Promise<SealedChunk> {
    const { files, channels } = this.#options
    const again = sound ?? readJournal((await files.journal(index)) ?? new Uint8Array())
    if (again === null) throw new Error(`the journal of chunk ${index} cannot be read`)
    return this.#inTime(files.seal(again, channels))
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return inTime(work, STORE_PATIENCE_MS, this.#options.clock)
  }

  #openJournal(index: number): Journal {
    const { files, clock } = this.#options
    return new Journal(files, index, () => clock.nowMs())
  }
}

interface Unsealed {
  readonly index: number
  /** Null: read it from the journal. */
  sound: ChunkSound | null
  readonly isJournalled: boolean
}

/** A chunk's journal; opened ahead. What comes before the file is open waits in memory. */
class Journal {
  readonly opened: Promise<void>
  readonly #files: TapeFiles
  readonly #index: number
  readonly #nowMs: () => number
  #log: TapeLog | null = null
  #waiting: Uint8Array<ArrayBuffer>[] = []
  #flushDueMs = 0
  #isBroken = false

  constructor(files: TapeFiles, index: number, nowMs: () => number) {
    this.#files = files
    this.#index = index
    this.#nowMs = nowMs
    this.opened = this.#open()
  }

  /** All of it is in the file. */
  get isWhole(): boolean {
    return this.#log?.isWhole === true && !this.#isBroken
  }

  get isLost(): boolean {
    return this.#isBroken || this.#log?.isWhole === false
  }

  begin({ index, firstSample }: ChunkDraft, channels: number): void {
    this.words({ type: 'chunk', index, firstSample, channels })
  }

  samples(samples: Int32Array): void {
    this.#append(samplesRecord(samples))
  }

  words(words: JournalWords): void {
    this.#append(wordsRecord(words))
  }

  /** Flushes each FLUSH_INTERVAL_MS; less often where flushing is slow. */
  flushInTime(nowMs: number): void {
    if (this.#log === null || this.#isBroken || nowMs < this.#flushDueMs) return
    const beganAtMs = this.#nowMs()
    this.#log.flush()
    const tookMs = this.#nowMs() - beganAtMs
    this.#flushDueMs = nowMs + Math.max(FLUSH_INTERVAL_MS, tookMs / FLUSH_SHARE)
  }

  /** Nothing more is written; the file stays. */
  async close(): Promise<void> {
    await this.opened
    this.#log?.close()
  }

  async discard(): Promise<void> {
    await this.close()
    await this.#files.removeJournal(this.#index)
  }

  /** A journal that cannot be written is given up: the samples are in memory until their chunk is written. */
  async #open(): Promise<void> {
    try {
      this.#log = await this.#files.openJournal(this.#index)
      for (const record of this.#waiting) this.#log.append(record)
    } catch {
      this.#isBroken = true
    }
    this.#waiting = []
  }

  #append(record: Uint8Array<ArrayBuffer>): void {
    if (this.#isBroken) return
    if (this.#log === null) this.#waiting.push(record)
    else this.#log.append(record)
  }
}
