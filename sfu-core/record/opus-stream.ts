import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import { silencePackets } from '../opus/toc.ts'
import { asLastPage, OGG_MAX_SEGMENTS, type OggPage, segmentsOf, writeOggPage } from './ogg.ts'

/**
 * What an Opus encoder looks back (libopus: 6.5 ms at 48 kHz): dropped by players, so that the file's first sample
 * is the first that the microphone caught (RFC 7845 §4.2).
 */
export const OPUS_PRE_SKIP_SAMPLES = 312
/**
 * No page holds more, silence or not: a killed node loses at most the page it was filling, and players that seek and
 * readers that stream want pages below a second (RFC 7845 §6).
 */
const PAGE_SAMPLES = OPUS_CLOCK_RATE_HZ / 2

interface OpusTags {
  title: string
  artist: string
  /** Upper-case names; `=` and control characters are not allowed in them. */
  comments: Record<string, string>
}

/**
 * Makes an Ogg Opus file (RFC 7845), page by page. It writes nowhere: pages go to `onPage` as soon as they are
 * full, with their place in the file. A page that comes for a place that was written already is as long as the one
 * there, and takes its place.
 */
export class OpusStream {
  readonly #serial: number
  readonly #onPage: (page: Buffer, position: number) => void
  #sizeBytes = 0
  /** What is to be marked where nothing waits at the end. */
  #last: { page: OggPage; position: number } | null = null
  #sequence = 0
  #samples = 0
  #pending: Uint8Array[] = []
  #pendingSegments = 0
  #pendingSamples = 0

  constructor(serial: number, tags: OpusTags, onPage: (page: Buffer, position: number) => void) {
    this.#serial = serial >>> 0
    this.#onPage = onPage
    this.#emit(0, [opusHead(1)])
    // RFC 7845 §3: the tags end their page; a page holds them because names are short.
    this.#emit(0, [opusTags(tags)])
  }

  /** What a player plays, in samples at 48 kHz. */
  get lengthSamples(): number {
    return Math.max(0, this.#samples - OPUS_PRE_SKIP_SAMPLES)
  }

  /** True while packets wait for their page to be full. */
  get hasPending(): boolean {
    return this.#pending.length > 0
  }

  append(packet: Uint8Array, samples: number): void {
    const segments = segmentsOf(packet.length)
    const fits = this.#pendingSegments + segments <= OGG_MAX_SEGMENTS && this.#pendingSamples + samples <= PAGE_SAMPLES
    if (!fits) this.flush()
    this.#pending.push(packet)
    this.#pendingSegments += segments
    this.#pendingSamples += samples
    this.#samples += samples
    if (this.#pendingSamples >= PAGE_SAMPLES) this.flush()
  }

  /** Silence of exactly `samples`, a multiple of SILENCE_STEP_SAMPLES. */
  appendSilence(samples: number): void {
    for (const silence of silencePackets(samples)) this.append(silence.packet, silence.samples)
  }

  flush(): void {
    if (this.hasPending) this.#emit(this.#samples, this.#takePending())
  }

  /**
   * The end. Where nothing waits, the last page goes out once more with its mark: a page without packets would
   * have a granule position that belongs to none (RFC 3533 §6), which readers take for a broken end.
   */
  end(): void {
    this.flush()
    if (this.#last) this.#onPage(asLastPage(this.#last.page), this.#last.position)
  }

  /** The file's first page once more, for a speaker who turned out to send two channels. */
  markStereo(): void {
    const place = { granule: 0, isFirst: true, isLast: false }
    this.#onPage(writeOggPage({ serial: this.#serial, sequence: 0, packets: [opusHead(2)], ...place }), 0)
  }

  #takePending(): Uint8Array[] {
    const packets = this.#pending
    this.#pending = []
    this.#pendingSegments = 0
    this.#pendingSamples = 0
    return packets
  }

  #emit(granule: number, packets: readonly Uint8Array[]): void {
    const sequence = this.#sequence
    const page = { serial: this.#serial, sequence, granule, packets, isFirst: sequence === 0, isLast: false }
    const position = this.#sizeBytes
    const written = writeOggPage(page)
    this.#last = { page, position }
    this.#sequence += 1
    this.#sizeBytes += written.length
    this.#onPage(written, position)
  }
}

/** RFC 7845 §5.1. */
function opusHead(channels: 1 | 2): Buffer {
  const head = Buffer.alloc(19)
  head.write('OpusHead', 0, 'latin1')
  head[8] = 1
  head[9] = channels
  head.writeUInt16LE(OPUS_PRE_SKIP_SAMPLES, 10)
  head.writeUInt32LE(OPUS_CLOCK_RATE_HZ, 12)
  return head
}

/** RFC 7845 §5.2. */
function opusTags(tags: OpusTags): Buffer {
  const comments = { TITLE: tags.title, ARTIST: tags.artist, ...tags.comments }
  const lines = Object.entries(comments).map(([name, value]) => lengthAndText(`${name}=${value}`))
  const count = Buffer.alloc(4)
  count.writeUInt32LE(lines.length, 0)
  return Buffer.concat([Buffer.from('OpusTags', 'latin1'), lengthAndText('engawa'), count, ...lines])
}

function lengthAndText(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length, 0)
  return Buffer.concat([length, bytes])
}
