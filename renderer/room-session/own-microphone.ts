import type { MicrophoneProblem } from '../devices/microphone-problem.ts'
import { type Cell, cell } from './cell.ts'
import type { Microphone, MicrophoneAnswer, MicrophonePort } from './ports.ts'

/** What the own microphone does. */
export type MicrophoneView =
  /** Not on stage: no device is held. */
  | { readonly state: 'off' }
  | { readonly state: 'asking' }
  /** `fellBack`: the chosen one is not there, the system's default is used. */
  | { readonly state: 'on'; readonly deviceId: string; readonly label: string; readonly fellBack: boolean }
  | { readonly state: 'failed'; readonly problem: MicrophoneProblem }

export interface OwnMicrophoneOptions {
  port: MicrophonePort
  deviceId: string | null
  /** The microphone whose track is to be sent, or null. Called at each change. */
  onMicrophone(microphone: Microphone | null): void
}

/** Holds the microphone while one is on stage, and only then. Owns the track: nobody else enables or stops it. */
export class OwnMicrophone {
  readonly view: Cell<MicrophoneView>
  readonly #view = cell<MicrophoneView>({ state: 'off' })
  readonly #port: MicrophonePort
  readonly #onMicrophone: (microphone: Microphone | null) => void
  #deviceId: string | null
  #held: Microphone | null = null
  #wanted = false
  #open = false
  /** Each change of plan makes answers to earlier questions stale. */
  #plan = 0

  constructor(options: OwnMicrophoneOptions) {
    this.view = this.#view
    this.#port = options.port
    this.#onMicrophone = options.onMicrophone
    this.#deviceId = options.deviceId
  }

  get track(): MediaStreamTrack | null {
    return this.#held?.track ?? null
  }

  /** Loudness now, 0 to 1. */
  level(): number {
    return this.#held?.level() ?? 0
  }

  /** On stage or not. */
  want(wanted: boolean): void {
    if (wanted === this.#wanted) return
    this.#wanted = wanted
    if (wanted) void this.#acquire()
    else this.#release()
  }

  /** Lets sound through, or not; holds for whichever device is or will be in use. */
  setOpen(open: boolean): void {
    this.#open = open
    if (this.#held !== null) this.#held.track.enabled = open
  }

  /** `null`: the system's default. The old device goes on until the new one is there. */
  choose(deviceId: string | null): void {
    if (deviceId === this.#deviceId) return
    this.#deviceId = deviceId
    if (this.#wanted) void this.#acquire()
  }

  /** After a failure, or when a device came back. */
  retry(): void {
    if (this.#wanted) void this.#acquire()
  }

  /** The set of devices changed: the chosen one may be back, or there may be one at all. */
  devicesChanged(): void {
    const view = this.#view.get()
    if (view.state === 'failed' || (view.state === 'on' && view.fellBack)) this.retry()
  }

  /** Idempotent. */
  close(): void {
    this.#wanted = false
    this.#release()
  }

  async #acquire(): Promise<void> {
    const plan = ++this.#plan
    if (this.#held === null) this.#view.set({ state: 'asking' })
    const answer = await this.#openWithFallBack()
    if (plan !== this.#plan) {
      if (answer.ok) answer.microphone.stop()
      return
    }
    if (answer.ok) this.#hold(answer.microphone)
    else this.#fail(answer.problem)
  }

  async #openWithFallBack(): Promise<MicrophoneAnswer> {
    const chosen = await this.#port.open(this.#deviceId)
    const gone = !chosen.ok && (chosen.problem === 'device-gone' || chosen.problem === 'no-device')
    return gone && this.#deviceId !== null ? this.#port.open(null) : chosen
  }

  #hold(microphone: Microphone): void {
    const earlier = this.#held
    this.#held = microphone
    microphone.track.enabled = this.#open
    microphone.onEnded(() => this.#lost(microphone))
    this.#onMicrophone(microphone)
    earlier?.stop()
    const { deviceId, label, fellBack } = microphone
    this.#view.set({ state: 'on', deviceId, label, fellBack: fellBack || this.#isOtherThanChosen(deviceId) })
  }

  #isOtherThanChosen(deviceId: string): boolean {
    return this.#deviceId !== null && this.#deviceId !== deviceId
  }

  #lost(microphone: Microphone): void {
    if (this.#held !== microphone) return
    this.#drop()
    void this.#acquire()
  }

  #fail(problem: MicrophoneProblem): void {
    this.#drop()
    this.#view.set({ state: 'failed', problem })
  }

  #release(): void {
    this.#plan += 1
    this.#drop()
    this.#view.set({ state: 'off' })
  }

  #drop(): void {
    if (this.#held === null) return
    const held = this.#held
    this.#held = null
    this.#onMicrophone(null)
    held.stop()
  }
}
