import { type FlacFrame, type FlacInfo, findFrames, flacFileOf, readFlacInfo } from './flac-frames.ts'

/** Fetches bytes of the track's file, `toBytes` not included. @throws when they do not come. */
export type FetchBytes = (fromBytes: number, toBytes: number, signal: AbortSignal) => Promise<Uint8Array>
/** Decodes a FLAC file: one array per channel. */
export type DecodeFlac = (file: ArrayBuffer) => Promise<readonly Float32Array[]>

export interface TrackReaderOptions {
  sizeBytes: number
  lengthSamples: number
  fetchBytes: FetchBytes
  decode: DecodeFlac
}

/** Holds all metadata blocks of what the studio writes; longer ones are fetched with another request. */
const HEAD_BYTES = 16 * 1024
const HEAD_MAX_BYTES = 4 * 1024 * 1024
/** A frame of 4,608 stereo samples at 24 bit that cannot be compressed, and a bit. */
const FRAME_MAX_BYTES = 32 * 1024
const SAMPLE_MAX_BYTES = 3
/** A look for where a moment lies in the file: two frames at least. */
const LOOK_BYTES = 2 * FRAME_MAX_BYTES
/** Halving a file of 2 GB down to LOOK_BYTES takes 15 looks; guessing by what is known takes about three. */
const LOOKS_MAX = 48
/** So close to a known place the bytes are read from there: dearer than another look only where nothing can be compressed. 4 s of 48 kHz. */
const NEAR_SAMPLES = 4 * 48_000
/** Speech needs more bytes than the pauses around it. */
const ESTIMATE_MARGIN = 1.5

interface Anchor {
  sample: number
  bytes: number
}

interface Stretch {
  from: number
  to: number
  info: FlacInfo
  signal: AbortSignal
}

/**
 * Reads any stretch of a long FLAC track by HTTP Range, without a seek table: frames carry their number (RFC 9639, section
 * 9.1.5), and where one was seen is remembered as an anchor for the next guess.
 */
export class TrackReader {
  readonly #options: TrackReaderOptions
  #info: Promise<FlacInfo> | null = null
  /** Places of frames, in order; the last one is the end of the file. */
  #anchors: Anchor[] = []
  /** One stretch after the other: what the first has found spares the next its looks. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: TrackReaderOptions) {
    this.#options = options
  }

  /**
   * Samples `from` up to `to` of each channel; at the track's end fewer.
   * @throws where bytes do not come, or are not those of the track.
   */
  read(from: number, to: number, signal: AbortSignal): Promise<readonly Float32Array[]> {
    const reading = this.#last.then(() => {
      signal.throwIfAborted()
      return this.#read(from, to, signal)
    })
    this.#last = reading.catch(() => {})
    return reading
  }

  async #read(from: number, to: number, signal: AbortSignal): Promise<readonly Float32Array[]> {
    const info = await this.#head(signal)
    const end = Math.min(to, this.#options.lengthSamples)
    const stretch = { from, to: end, info, signal }
    const { bytes, first, last } = await this.#fetchFrames(await this.#locate(stretch), stretch)
    const part = bytes.subarray(first.offsetBytes, last.offsetBytes + last.lengthBytes)
    const channels = await this.#options.decode(flacFileOf(part, info))
    return channels.map((samples) => samples.subarray(from - first.firstSample, end - first.firstSample))
  }

  #head(signal: AbortSignal): Promise<FlacInfo> {
    this.#info ??= this.#readHead(HEAD_BYTES, signal).catch((error: unknown) => {
      this.#info = null
      throw error
    })
    return this.#info
  }

  async #readHead(lengthBytes: number, signal: AbortSignal): Promise<FlacInfo> {
    const { fetchBytes, sizeBytes, lengthSamples } = this.#options
    const info = readFlacInfo(await fetchBytes(0, Math.min(lengthBytes, sizeBytes), signal))
    if (info === null && lengthBytes < HEAD_MAX_BYTES) return this.#readHead(lengthBytes * 8, signal)
    if (info === null) throw new Error('The head of the track is too long.')
    this.#anchors = [
      { sample: 0, bytes: info.audioOffsetBytes },
      ...info.seekPoints.filter(({ sample }) => sample > 0 && sample < lengthSamples),
      { sample: lengthSamples, bytes: sizeBytes },
    ]
    return info
  }

  /** A known frame not long before the stretch. */
  async #locate(stretch: Stretch): Promise<Anchor> {
    for (let look = 0; look < LOOKS_MAX; look++) {
      const [before, after] = this.#around(stretch.from)
      const isNear = stretch.from - before.sample <= NEAR_SAMPLES || after.bytes - before.bytes <= LOOK_BYTES
      if (isNear) return before
      const fromBytes = guess(stretch.from, { before, after, look }) - LOOK_BYTES / 2
      await this.#lookAt(Math.max(before.bytes, fromBytes), stretch)
    }
    throw new Error('The track cannot be read there.')
  }

  /** The whole frames of the stretch: by the file's usual density at first, then up to what they can need at most. */
  async #fetchFrames(
    start: Anchor,
    stretch: Stretch,
  ): Promise<{ bytes: Uint8Array; first: FlacFrame; last: FlacFrame }> {
    const { sizeBytes, lengthSamples } = this.#options
    const [known] = this.#around(stretch.to)
    const samples = stretch.to - known.sample
    const usual = (samples * sizeBytes * ESTIMATE_MARGIN) / lengthSamples
    const most = samples * stretch.info.channels * SAMPLE_MAX_BYTES
    let bytes: Uint8Array = new Uint8Array()
    for (const lengthBytes of [Math.min(usual, most), most]) {
      const fromBytes = start.bytes + bytes.length
      const toBytes = known.bytes + Math.ceil(lengthBytes) + 2 * FRAME_MAX_BYTES
      bytes = joined(bytes, await this.#fetch(fromBytes, toBytes, stretch.signal))
      const frames = this.#framesIn(bytes, start.bytes, stretch.info)
      const first = frames.find((frame) => frame.firstSample + frame.sampleCount > stretch.from)
      const last = frames.findLast((frame) => frame.firstSample < stretch.to)
      if (!first || !last) continue
      if (first.firstSample <= stretch.from && last.firstSample + last.sampleCount >= stretch.to) {
        return { bytes, first, last }
      }
    }
    throw new Error('The track cannot be read there.')
  }

  async #lookAt(fromBytes: number, { info, signal }: Stretch): Promise<void> {
    this.#framesIn(await this.#fetch(fromBytes, fromBytes + LOOK_BYTES, signal), fromBytes, info)
  }

  #fetch(fromBytes: number, toBytes: number, signal: AbortSignal): Promise<Uint8Array> {
    const endBytes = Math.min(this.#options.sizeBytes, toBytes)
    if (endBytes <= fromBytes) return Promise.resolve(new Uint8Array())
    return this.#options.fetchBytes(fromBytes, endBytes, signal)
  }

  #framesIn(bytes: Uint8Array, startBytes: number, info: FlacInfo): FlacFrame[] {
    const frames = findFrames(bytes, info, startBytes + bytes.length === this.#options.sizeBytes)
    this.#remember(frames, startBytes)
    return frames
  }

  #around(sample: number): [before: Anchor, after: Anchor] {
    const index = this.#anchors.findLastIndex((anchor) => anchor.sample <= sample)
    const before = this.#anchors[index] ?? { sample: 0, bytes: 0 }
    return [before, this.#anchors[index + 1] ?? before]
  }

  #remember(frames: readonly FlacFrame[], startBytes: number): void {
    const known = new Map(this.#anchors.map((anchor) => [anchor.sample, anchor]))
    for (const frame of [frames[0], frames.at(-1)]) {
      if (!frame) continue
      known.set(frame.firstSample, { sample: frame.firstSample, bytes: startBytes + frame.offsetBytes })
    }
    this.#anchors = [...known.values()].toSorted((a, b) => a.sample - b.sample)
  }
}

/**
 * Between two anchors by proportion; each third look halves instead, because silence takes next to no bytes and can lead the
 * proportion astray for long.
 */
function guess(sample: number, { before, after, look }: { before: Anchor; after: Anchor; look: number }): number {
  const share = look % 3 === 2 ? 0.5 : (sample - before.sample) / (after.sample - before.sample)
  return Math.floor(before.bytes + (after.bytes - before.bytes) * share)
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}
