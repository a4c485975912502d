import { type CaptureNote, TAPE_SAMPLE_RATE_HZ, type TapeEnd } from '../../../sfu-core/contract/tape.ts'
import { ClockAsking } from './clock-asking.ts'
import { type Leftover, recover } from './leftover.ts'
import { RETRY_MAX_MS } from './limits.ts'
import type { CaptureFeed, TapeBeginning } from './messages.ts'
import { type FeedReader, readFeed } from './read-feed.ts'
import type { SoundBlock } from './sample-intake.ts'
import type { SpillingStore } from './spilling-store.ts'
import { TapeFiles } from './tape-files.ts'
import { TapeRun } from './tape-run.ts'
import type { TapeServer } from './tape-server.ts'
import type { TapeStatus, TapeTrouble } from './tape-status.ts'
import { TapeUpload } from './tape-upload.ts'
import type { WorkerClock } from './worker-clock.ts'

const SAMPLES_PER_MS = TAPE_SAMPLE_RATE_HZ / 1_000

export interface TapeTaskOptions {
  beginning: TapeBeginning
  store: SpillingStore
  server: TapeServer
  /** Origin of the server that this page talks to. */
  serverUrl: string
  clock: WorkerClock
  random(): number
  onChange(): void
  /** The capture came to an end by itself. */
  onFailed(): void
}

/** One tape in this worker: its capture, where it is running, and its way to the server. */
export class TapeTask {
  /** Resolves when nothing of the tape is here any more, or it was closed. */
  readonly done: Promise<void>
  readonly files: TapeFiles
  readonly #options: TapeTaskOptions
  /** Chunks that are still to be made from their journals. */
  #unsealed: readonly number[] = []
  #resolveDone: () => void = () => undefined
  #run: TapeRun | null = null
  #reader: FeedReader | null = null
  #asking: ClockAsking | null = null
  #upload: TapeUpload | null = null
  /** In chunks, of each channel. */
  #sealedSamples = 0
  #finishing: Promise<void> | null = null
  #isSent = false

  constructor(options: TapeTaskOptions) {
    this.#options = options
    this.files = new TapeFiles(options.store, options.beginning.opening.tapeId)
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve
    })
  }

  get isCapturing(): boolean {
    return this.#run !== null
  }

  /** Begins to capture. Resolves when the source is being read. */
  async capture(feed: CaptureFeed): Promise<void> {
    const { beginning, server, clock } = this.#options
    const { channels, takeId } = beginning.opening
    await this.files.writeBeginning(beginning)
    this.#asking = new ClockAsking({ takeId, server, clock, onSync: (sync) => this.#run?.addSync(sync) })
    this.#run = new TapeRun({
      files: this.files,
      channels,
      clock,
      onSealed: (chunk) => this.#add(chunk),
      onUnsealed: (indexes) => {
        this.#unsealed = indexes
      },
    })
    this.#startUpload(null)
    await this.#run.ready
    if (this.#finishing === null) {
      const onBlock = (block: SoundBlock) => this.#run?.take(block)
      this.#reader = readFeed(feed, { onBlock, onFailed: this.#options.onFailed })
    }
  }

  /** Sends what an earlier page left. */
  async sendLeftover(): Promise<void> {
    for (;;) {
      const leftover = await recover(this.files).catch(() => null)
      this.#unsealed = leftover === null ? [0] : []
      if (leftover !== null) return this.#startUpload(leftover)
      await this.#pause()
    }
  }

  /** The page's AudioContext stands still, or the computer slept. */
  suspect(cause: CaptureNote['cause']): void {
    this.#run?.suspect(cause)
  }

  woke(): void {
    this.#run?.slept()
    this.#asking?.burst()
  }

  /** The network is back. */
  wake(): void {
    this.#upload?.wake()
  }

  /** Ends the capture; what there is, is sent. Idempotent. */
  finish(end: TapeEnd): Promise<void> {
    this.#finishing ??= this.#finish(end)
    return this.#finishing
  }

  /** Throws the tape away. */
  async discard(): Promise<void> {
    this.close()
    await this.files.removeAll()
    this.#resolveDone()
  }

  /** Stops everything; what is on the disk stays there. Idempotent. */
  close(): void {
    void this.#reader?.stop()
    this.#asking?.close()
    this.#upload?.close()
  }

  status(): TapeStatus {
    const { opening, roomTitle, startedAtMs } = this.#options.beginning
    const capturedSamples = this.#run?.capturedSamples ?? this.#sealedSamples
    const sentSamples = this.#upload?.firstUnsentSample ?? this.#sealedSamples
    const isDurable = this.#options.store.isDurable && this.#options.store.spilledBytes === 0
    const storedSamples = this.#run?.storedSamples ?? (isDurable ? this.#sealedSamples : sentSamples)
    return {
      tapeId: opening.tapeId,
      takeId: opening.takeId,
      roomTitle,
      source: opening.source,
      deviceLabel: opening.deviceLabel,
      startedAtMs,
      phase: this.#isSent ? 'sent' : this.isCapturing ? 'capturing' : 'sending',
      isElsewhere: false,
      capturedMs: capturedSamples / SAMPLES_PER_MS,
      storedMs: (this.#options.store.isDurable ? Math.max(storedSamples, sentSamples) : sentSamples) / SAMPLES_PER_MS,
      sentMs: sentSamples / SAMPLES_PER_MS,
      pendingChunks: this.#upload?.pendingChunks ?? 0,
      pendingBytes: (this.#upload?.pendingBytes ?? 0) + (this.#run?.unsealedBytes ?? 0),
      troubles: this.#troubles(),
    }
  }

  async #finish(end: TapeEnd): Promise<void> {
    await this.#reader?.stop()
    const run = this.#run
    if (run === null) return
    const declaration = await run.finish(end)
    this.#asking?.close()
    this.#run = null
    while (this.#unsealed.length > 0) await this.#tryAgainLater()
    this.#upload?.captureEnded(declaration)
    this.#options.onChange()
  }

  /** Chunks that could not be made are made from their journals, as a later page would. */
  async #tryAgainLater(): Promise<void> {
    await this.#pause()
    const leftover = await recover(this.files).catch(() => null)
    if (leftover === null) return
    for (const chunk of leftover.chunks) if (this.#unsealed.includes(chunk.header.index)) this.#add(chunk)
    this.#unsealed = []
  }

  #pause(): Promise<void> {
    this.#options.onChange()
    return new Promise((resolve) => this.#options.clock.after(RETRY_MAX_MS, resolve))
  }

  #add(chunk: Parameters<TapeUpload['add']>[0]): void {
    const { firstSample, sampleCount } = chunk.header
    this.#sealedSamples = Math.max(this.#sealedSamples, firstSample + sampleCount)
    this.#upload?.add(chunk)
  }

  #startUpload(leftover: Leftover | null): void {
    const { beginning, server, clock, random, onChange } = this.#options
    this.#upload = new TapeUpload(
      {
        beginning,
        files: this.files,
        server,
        clock,
        random,
        isHeld: beginning.serverUrl !== this.#options.serverUrl,
        capturedSamples: () => this.#run?.capturedSamples ?? this.#sealedSamples,
        onChange,
        onGrant: ({ token }) => this.#asking?.start(token),
        onDone: () => {
          this.#isSent = true
          this.#resolveDone()
        },
      },
      leftover?.grant ?? null,
    )
    if (leftover === null) return
    this.#sealedSamples = leftover.end.sampleCount
    for (const chunk of leftover.chunks) this.#add(chunk)
    this.#upload.captureEnded(leftover.end)
  }

  #troubles(): TapeTrouble[] {
    const { store, beginning, serverUrl } = this.#options
    const troubles: TapeTrouble[] = []
    if (!store.isDurable) troubles.push({ kind: 'memory-only' })
    else if (store.spilledBytes > 0 || this.#run?.isDiskFull === true)
      troubles.push({ kind: 'storage-full', inMemoryBytes: store.spilledBytes })
    if (beginning.serverUrl !== serverUrl) troubles.push({ kind: 'other-server', serverUrl: beginning.serverUrl })
    if (this.#run?.isStalled === true) troubles.push({ kind: 'no-sound' })
    if (this.#unsealed.length > 0) troubles.push({ kind: 'not-encoded' })
    return [...troubles, ...(this.#upload?.troubles ?? [])]
  }
}
