import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import { silencePackets } from '../opus/toc.ts'
import { OGG_MAX_SEGMENTS, segmentsOf, writeOggPage } from './ogg.ts'

/**
 * What an Opus encoder looks back (libopus: 6.5 ms at 48 kHz): dropped by players, so that the file's first sample
 * is the first that the microphone caught (RFC 7845 §4.2).
 */
export const OPUS_PRE_SKIP_SAMPLES = 312
/** A killed node loses at most the page it was filling. */
const PAGE_SAMPLES = OPUS_CLOCK_RATE_HZ / 2

interface OpusTags {
  title: string
  artist: string
  /** Upper-case names; `=` and control characters are not allowed in them. */
  comments: Record<string, string>
}

/**
 * Makes an Ogg Opus file (RFC 7845), page by page. It writes nowhere: pages go to `onPage` as soon as they are
 * full, in order.
 */
export class OpusStream {
  readonly #serial: number
  readonly #onPage: (page: Buffer) => void
  #sequence = 0
  #samples = 0
  #pending: Uint8Array[] = []
  #pendingSegments = 0
  #pendingSamples = 0

  constructor(serial: number, tags: OpusTags, onPage: (page: Buffer) => void) {
    this.#serial = serial >>> 0
    this.#onPage = onPage
    this.#emit(0, [opusHead(1)], { isFirst: true, isLast: false })
    // RFC 7845 §3: the tags end their page; a page holds them because names are short.
    this.#emit(0, [opusTags(tags)], { isFirst: false, isLast: false })
  }

  /** Samples at 48 kHz of all packets so far. */
  get packetSamples(): number {
    return this.#samples
  }

  /** What a player plays. */
  get lengthSamples(): number {
    return Math.max(0, this.#samples - OPUS_PRE_SKIP_SAMPLES)
  }

  /** True while packets wait for their page to be full. */
  get hasPending(): boolean {
    return this.#pending.length > 0
  }

  append(packet: Uint8Array, samples: number): void {
    this.#put(packet, samples)
    if (this.#pendingSamples >= PAGE_SAMPLES) this.flush()
  }

  #put(packet: Uint8Array, samples: number): void {
    const segments = segmentsOf(packet.length)
    if (this.#pendingSegments + segments > OGG_MAX_SEGMENTS) this.flush()
    this.#pending.push(packet)
    this.#pendingSegments += segments
    this.#pendingSamples += samples
    this.#samples += samples
  }

  /** Silence of exactly `samples`, a multiple of SILENCE_STEP_SAMPLES. Long silence gets long pages: a kill loses none. */
  appendSilence(samples: number): void {
    const isLong = samples >= PAGE_SAMPLES
    if (isLong) this.flush()
    for (const silence of silencePackets(samples)) {
      if (isLong) this.#put(silence.packet, silence.samples)
      else this.append(silence.packet, silence.samples)
    }
    if (isLong) this.flush()
  }

  flush(): void {
    if (this.hasPending) this.#emit(this.#samples, this.#takePending(), { isFirst: false, isLast: false })
  }

  /** The last page; without packets where none waits (RFC 3533 §6 allows a page without). */
  end(): void {
    this.#emit(this.#samples, this.#takePending(), { isFirst: false, isLast: true })
  }

  #takePending(): Uint8Array[] {
    const packets = this.#pending
    this.#pending = []
    this.#pendingSegments = 0
    this.#pendingSamples = 0
    return packets
  }

  #emit(granule: number, packets: readonly Uint8Array[], place: { isFirst: boolean; isLast: boolean }): void {
    this.#onPage(writeOggPage({ serial: this.#serial, sequence: this.#sequence, granule, packets, ...place }))
    this.#sequence += 1
  }

  /** The file's first page, for a stereo speaker: as long as the one that it replaces. */
  stereoFirstPage(): Buffer {
    const place = { granule: 0, isFirst: true, isLast: false }
    return writeOggPage({ serial: this.#serial, sequence: 0, packets: [opusHead(2)], ...place })
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
