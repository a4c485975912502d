import { join } from 'node:path'
import type { TakeTrack } from '../contract/take.ts'
import { parseOpusPacket } from '../opus/toc.ts'
import type { UplinkPacket } from '../transport/transport.ts'
import { mendTrack } from './mend-track.ts'
import { OpusStream } from './opus-stream.ts'
import type { RecordFile, RecordFs } from './record-fs.ts'
import type { RecordedSpeaker } from './take-recorder.ts'
import { TrackTimeline } from './track-timeline.ts'

interface TrackWriterOptions {
  folder: string
  fs: RecordFs
  speaker: RecordedSpeaker
  tags: { title: string; comments: Record<string, string> }
  /** The track has its place on the take's clock and wants to be in the manifest. The file is made after that. */
  onBegin(): Promise<void>
  onFailed(error: unknown): void
}

/** A disk that lets this much wait is as good as full. A day of silence, written when its speaker comes back, is 16 MB. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024
/** Pages that lie one behind the other are written together, up to about this much: hours of silence come at once. */
const WRITE_BYTES = 256 * 1024
/** A packet waits this long for its page at most. */
const PAGE_WAIT_MS = 500

interface WaitingPages {
  position: number
  pages: Buffer[]
  sizeBytes: number
}

/** One speaker's file, from packets as they come to pages on disk. */
export class TrackWriter {
  readonly #options: TrackWriterOptions
  readonly #timeline: TrackTimeline
  readonly #fileName: string
  #stream: OpusStream | null = null
  #offsetSamples = 0
  #isStereo = false
  #file: Promise<RecordFile> | null = null
  #sizeBytes = 0
  #waiting: WaitingPages[] = []
  #waitingBytes = 0
  #writing: Promise<void> = Promise.resolve()
  #pageSinceMs: number | null = null
  #failed = false
  /** After a failure: the track as the disk has it. */
  #mended: TakeTrack | null | undefined = undefined

  constructor(options: TrackWriterOptions) {
    this.#options = options
    this.#fileName = trackFileName(options.speaker)
    this.#timeline = new TrackTimeline({
      begin: (offsetSamples) => this.#begin(offsetSamples),
      packet: (payload, samples) => this.#packet(payload, samples),
      silence: (samples) => this.#stream?.appendSilence(samples),
    })
  }

  /** Null before the first packet has its place. */
  get track(): TakeTrack | null {
    if (this.#mended !== undefined) return this.#mended
    if (!this.#stream) return null
    return {
      file: this.#fileName,
      participantId: this.#options.speaker.participantId,
      number: this.#options.speaker.number,
      name: this.#options.speaker.name,
      offsetSamples: this.#offsetSamples,
      lengthSamples: this.#stream.lengthSamples,
      sizeBytes: this.#sizeBytes,
    }
  }

  /** `arrivalSamples` on the take's clock. Copies the payload. */
  onPacket(packet: UplinkPacket, arrivalSamples: number): void {
    const info = this.#failed ? null : parseOpusPacket(packet.payload)
    if (!info) return
    this.#isStereo ||= info.isStereo
    this.#timeline.onPacket({
      sequenceNumber: packet.sequenceNumber,
      timestamp: packet.timestamp,
      samples: info.packetSamples,
      levelDbov: packet.levelDbov,
      payload: Buffer.from(packet.payload),
      arrival: arrivalSamples,
    })
  }

  onTime(nowMs: number, nowSamples: number): void {
    if (this.#failed) return
    this.#timeline.onTime(nowSamples)
    if (!this.#stream?.hasPending) {
      this.#pageSinceMs = null
      return
    }
    this.#pageSinceMs ??= nowMs
    if (nowMs - this.#pageSinceMs < PAGE_WAIT_MS) return
    this.#stream.flush()
    this.#pageSinceMs = null
  }

  #begin(offsetSamples: number): void {
    const { speaker, tags, fs, folder } = this.#options
    this.#offsetSamples = offsetSamples
    const comments = { ...tags.comments, ENGAWA_OFFSET_SAMPLES: String(offsetSamples) }
    this.#stream = new OpusStream(
      speaker.number,
      { title: tags.title, artist: speaker.name, comments },
      (page, position) => this.#enqueue(page, position),
    )
    const begun = this.#options.onBegin()
    this.#file = begun.then(() => fs.createFile(join(folder, this.#fileName)))
    // Its failure is seen by the first write.
    this.#file.catch(() => {})
  }

  #packet(payload: Uint8Array, samples: number): void {
    this.#stream?.append(payload, samples)
  }

  #enqueue(page: Buffer, position: number): void {
    this.#sizeBytes = Math.max(this.#sizeBytes, position + page.length)
    this.#waitingBytes += page.length
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.#fail(new Error('the disk does not keep up'))
    const last = this.#waiting.at(-1)
    if (last && last.position + last.sizeBytes === position && last.sizeBytes < WRITE_BYTES) {
      last.pages.push(page)
      last.sizeBytes += page.length
      return
    }
    this.#waiting.push({ position, pages: [page], sizeBytes: page.length })
    this.#writing = this.#writing.then(() => this.#writeNext())
  }

  async #writeNext(): Promise<void> {
    const next = this.#waiting.shift()
    if (!next || this.#failed) return
    try {
      const file = await this.#file
      await file?.write(Buffer.concat(next.pages), next.position)
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#waitingBytes -= next.sizeBytes
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#options.onFailed(error)
  }

  /** Writes what waits, marks the end, closes the file. Never rejects: trouble goes to `onFailed`. `nowSamples` on the take's clock. */
  async close(nowSamples: number): Promise<void> {
    if (!this.#failed) this.#timeline.end(nowSamples)
    const stream = this.#stream
    if (stream && !this.#failed) {
      if (this.#isStereo) stream.markStereo()
      stream.end()
    }
    await this.#writing
    const file = await this.#file?.catch(() => null)
    await file?.close().catch((error: unknown) => this.#fail(error))
    const track = this.track
    // Where even that is refused, the next start's recovery does it.
    if (this.#failed && track) this.#mended = await mendTrack(this.#options.folder, track).catch(() => track)
  }
}

const SLUG_MAX_CHARS = 40

/** ASCII only, so that it survives every file system and archive: `3-hanako.opus`. */
export function trackFileName(speaker: { number: number; name: string }): string {
  const ascii = speaker.name.normalize('NFKD').replace(/[\u0300-\u036f]/g, '')
  const slug = ascii
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_MAX_CHARS)
    .replace(/^-+|-+$/g, '')
  return `${speaker.number}-${slug || 'speaker'}.opus`
}
