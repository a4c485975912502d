/** Runs in an AudioWorkletGlobalScope, of which TypeScript's libraries know nothing. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void

/** Render quanta (128 samples) that travel together: 10.7 ms at 48 kHz. */
const QUANTA = 4
const QUANTUM_SAMPLES = 128

/** Hands its input to a port that it gets first; nothing passes the page's main thread. */
class CaptureProcessor extends AudioWorkletProcessor {
  #target: MessagePort | null = null
  #planes: Float32Array<ArrayBuffer>[] = []
  #filled = 0

  constructor() {
    super()
    this.port.onmessage = ({ data }: MessageEvent<MessagePort>) => {
      this.#target = data
    }
  }

  process([input]: readonly (readonly Float32Array[])[]): boolean {
    // Without a source there are no channels for a moment; with one, silence is zeros.
    if (input !== undefined && input.length > 0) this.#add(input)
    return true
  }

  #add(input: readonly Float32Array[]): void {
    if (this.#planes.length !== input.length) this.#begin(input.length)
    for (const [channel, samples] of input.entries()) this.#planes[channel]?.set(samples, this.#filled)
    this.#filled += QUANTUM_SAMPLES
    if (this.#filled === QUANTA * QUANTUM_SAMPLES) this.#send()
  }

  #begin(channels: number): void {
    if (this.#filled > 0) this.#send()
    this.#planes = Array.from({ length: channels }, () => new Float32Array(QUANTA * QUANTUM_SAMPLES))
  }

  #send(): void {
    const planes = this.#planes.map((plane) => plane.slice(0, this.#filled))
    this.#filled = 0
    this.#target?.postMessage(
      planes,
      planes.map(({ buffer }) => buffer),
    )
  }
}

registerProcessor('engawa-capture', CaptureProcessor)
