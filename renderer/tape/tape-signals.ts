import type { Microphone, MicrophonePort } from '../room-session/ports.ts'
import type { TapeChoice } from './tape-port.ts'
import type { TapeTrack } from './tape-recorder.ts'

export interface TapeSignalsOptions {
  port: Pick<MicrophonePort, 'openUnprocessed'>
  /** Called at each change. */
  onTracks(tracks: readonly TapeTrack[]): void
}

/**
 * The signals that are taped: that of the own microphone, which belongs to somebody else, and where it is wanted the same device
 * once more without the browser's processing, which is held here. Both are muted together.
 */
export class TapeSignals {
  readonly #options: TapeSignalsOptions
  #microphone: Microphone | null = null
  #unprocessed: Microphone | null = null
  #unprocessedFailed = false
  #choice: TapeChoice | null = null
  #isOpen = false
  /** Each change of plan makes answers to earlier questions stale. */
  #plan = 0

  constructor(options: TapeSignalsOptions) {
    this.#options = options
  }

  /** Null: nothing is taped, and no second signal is held. */
  want(choice: TapeChoice | null): void {
    const isSame = choice?.sources === this.#choice?.sources && choice?.stereo === this.#choice?.stereo
    this.#choice = choice
    if (!isSame) this.#settle()
  }

  /** The own microphone, or none. */
  setMicrophone(microphone: Microphone | null): void {
    this.#microphone = microphone
    this.#settle()
  }

  /** Lets sound through, or not. */
  setOpen(open: boolean): void {
    this.#isOpen = open
    if (this.#unprocessed !== null) this.#unprocessed.track.enabled = open
  }

  /** Idempotent. */
  close(): void {
    this.#choice = null
    this.#microphone = null
    this.#settle()
  }

  #settle(): void {
    this.#plan += 1
    this.#dropUnprocessed()
    const { stereo, sources } = this.#choice ?? { stereo: false, sources: 'processed' }
    if (this.#microphone !== null && sources !== 'processed') void this.#acquire(this.#microphone.deviceId, stereo)
    this.#tell()
  }

  async #acquire(deviceId: string, stereo: boolean): Promise<void> {
    const plan = this.#plan
    const answer = await this.#options.port.openUnprocessed(deviceId, stereo)
    if (plan !== this.#plan) {
      if (answer.ok) answer.microphone.stop()
      return
    }
    if (answer.ok) this.#hold(answer.microphone)
    else this.#unprocessedFailed = true
    this.#tell()
  }

  #hold(microphone: Microphone): void {
    this.#unprocessed = microphone
    microphone.track.enabled = this.#isOpen
    microphone.onEnded(() => {
      if (this.#unprocessed !== microphone) return
      this.#dropUnprocessed()
      this.#unprocessedFailed = true
      this.#tell()
    })
  }

  #dropUnprocessed(): void {
    this.#unprocessed?.stop()
    this.#unprocessed = null
    this.#unprocessedFailed = false
  }

  #tell(): void {
    this.#options.onTracks(this.#tracks())
  }

  /** Who wants the unprocessed signal only, and cannot have it, is taped as the others hear them. */
  #tracks(): TapeTrack[] {
    const choice = this.#choice
    if (choice === null || this.#microphone === null) return []
    const tracks: TapeTrack[] = []
    if (choice.sources !== 'unprocessed' || this.#unprocessedFailed) tracks.push(asTape(this.#microphone, 'processed'))
    if (choice.sources !== 'processed' && this.#unprocessed !== null)
      tracks.push(asTape(this.#unprocessed, 'unprocessed'))
    return tracks
  }
}

function asTape({ track, label }: Microphone, source: TapeTrack['source']): TapeTrack {
  return { track, label, source }
}
