import { type Cell, cell } from './cell.ts'
import type { RemoteAudio } from './ports.ts'

/**
 * Plays the slots through one <audio> element each. Never through Web Audio: what leaves by an <audio>
 * element is what the browser's echo cancellation knows of (jitsi-meet #14787).
 */
export class AudioElements implements RemoteAudio {
  /** The browser refuses to play before a click or a key (autoplay policy). */
  readonly blockedCell: Cell<boolean>
  readonly #blocked = cell(false)
  readonly #holder: HTMLElement
  readonly #elements: HTMLAudioElement[] = []
  #speakerId: string
  #turn: Promise<void> = Promise.resolve()
  #closed = false

  constructor(page: Document, speakerId: string | null) {
    this.blockedCell = this.#blocked
    this.#speakerId = speakerId ?? ''
    this.#holder = page.createElement('div')
    this.#holder.hidden = true
    page.body.append(this.#holder)
  }

  get blocked(): boolean {
    return this.#blocked.get()
  }

  get playing(): boolean {
    return this.#elements.some((element) => !element.paused)
  }

  play(slots: readonly MediaStreamTrack[]): void {
    if (this.#closed) return
    slots.forEach((track, slot) => {
      const element = this.#element(slot)
      element.srcObject = new MediaStream([track])
      void this.#start(element)
    })
  }

  /** After a click: everything that was refused plays. */
  async resume(): Promise<void> {
    await Promise.all(this.#elements.map((element) => this.#start(element)))
    this.#blocked.set(this.#elements.some((element) => element.paused))
  }

  /** `null`: the system's default. A speaker that is gone gives way to the default. */
  async chooseSpeaker(speakerId: string | null): Promise<void> {
    this.#speakerId = speakerId ?? ''
    await Promise.all(this.#elements.map((element) => this.#direct(element)))
  }

  /**
   * The chosen speaker was unplugged, or (`back`) is there again. By way of the default, because choosing the id that
   * an element has already does nothing, even if that device is gone (W3C Audio Output Devices API, setSinkId).
   */
  redirect(back: boolean): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      await Promise.all(this.#elements.map((element) => toDefault(element)))
      if (back) await Promise.all(this.#elements.map((element) => this.#direct(element)))
    })
    return this.#turn
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const element of this.#elements) element.srcObject = null
    this.#holder.remove()
    this.#blocked.set(false)
  }

  #element(slot: number): HTMLAudioElement {
    const known = this.#elements[slot]
    if (known !== undefined) return known
    const element = this.#holder.ownerDocument.createElement('audio')
    element.autoplay = true
    element.setAttribute('playsinline', '')
    element.setAttribute('data-slot', String(slot))
    this.#holder.append(element)
    this.#elements[slot] = element
    void this.#direct(element)
    return element
  }

  async #start(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play()
    } catch (error) {
      // AbortError: a newer srcObject took over, which has its own start.
      if (!this.#closed && error instanceof DOMException && error.name === 'NotAllowedError') this.#blocked.set(true)
    }
  }

  async #direct(element: HTMLAudioElement): Promise<void> {
    if (!('setSinkId' in element) || element.sinkId === this.#speakerId) return
    try {
      await element.setSinkId(this.#speakerId)
    } catch {
      if (this.#speakerId !== '') await toDefault(element)
    }
  }
}

/** Where the browser refuses even that, sound stays where it is. */
async function toDefault(element: HTMLAudioElement): Promise<void> {
  if ('setSinkId' in element) await element.setSinkId('').catch(() => undefined)
}
