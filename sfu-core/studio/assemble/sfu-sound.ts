import { basename, join } from 'node:path'
import type { TakeTrack } from '../../contract/take.ts'
import { createBlock, type SoundBlock } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'

/** A jump ahead by more is sought, by less decoded and dropped: a seek decodes anew what leads up to its place. */
const SEEK_BEYOND_SAMPLES = 96_000

/** What the SFU recorded of one speaker, by the take's samples; zeros where there is nothing. */
export class SfuSound implements Disposable {
  readonly #files: SfuFile[]
  readonly #channels: number

  constructor(takeFolder: string, tracks: readonly TakeTrack[], channels: number) {
    this.#channels = channels
    this.#files = tracks.map((track) => ({
      path: pathOf(takeFolder, track),
      offset: track.offsetSamples,
      end: track.offsetSamples + track.lengthSamples,
      reader: undefined,
      at: 0,
    }))
  }

  /** Whether any of the tracks has two channels. */
  static isStereo(takeFolder: string, tracks: readonly TakeTrack[]): boolean {
    return tracks.some((track) => {
      try {
        using reader = new SoundReader(pathOf(takeFolder, track), { formats: 'ogg' })
        return reader.channels > 1
      } catch {
        return false
      }
    })
  }

  get isEmpty(): boolean {
    return this.#files.length === 0
  }

  read(from: number, count: number): SoundBlock {
    const block = createBlock(this.#channels, count)
    for (const file of this.#files) {
      const first = Math.max(from, file.offset)
      const end = Math.min(from + count, file.end)
      if (end > first) this.#readFile(file, block, { first, end, to: first - from })
    }
    return block
  }

  /** A damaged or missing file is as good as silence: this track only helps out. */
  #readFile(file: SfuFile, block: SoundBlock, part: { first: number; end: number; to: number }): void {
    try {
      const reader = this.#readerAt(file, part.first - file.offset)
      if (reader) file.at += reader.readInto(block, part.to, part.end - part.first)
    } catch {
      file.reader?.close()
      file.reader = null
    }
  }

  #readerAt(file: SfuFile, sample: number): SoundReader | null {
    if (file.reader === null) return null
    const reader = file.reader ?? new SoundReader(file.path, { formats: 'ogg' })
    file.reader = reader
    if (sample < file.at || sample > file.at + SEEK_BEYOND_SAMPLES) {
      reader.seek(sample)
      file.at = sample
    }
    file.at += reader.skip(sample - file.at)
    return reader
  }

  close(): void {
    for (const file of this.#files) {
      file.reader?.close()
      file.reader = null
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** The manifest is a node's, which may be anybody's computer: it names files of its own folder only. */
function pathOf(takeFolder: string, track: TakeTrack): string {
  return join(takeFolder, basename(track.file))
}

interface SfuFile {
  path: string
  offset: number
  end: number
  /** undefined: not opened yet; null: of no use. */
  reader: SoundReader | null | undefined
  /** The file's sample that the reader delivers next. */
  at: number
}
