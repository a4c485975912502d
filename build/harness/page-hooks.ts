/**
 * Runs in the page before its own scripts (Playwright's addInitScript): keeps hold of the page's peer
 * connections and captures what goes through them. Self-contained: it is sent as text.
 */
export function installPageHooks(): void {
  const CAPTURE_RATE_HZ = 48_000
  /** -60 dBFS: well over the comfort noise of an idle jitter buffer, well under speech. */
  const AUDIBLE_AMPLITUDE = 0.001

  /** Frames are 10 ms; a page that is busy for ten seconds loses none. */
  const MAX_WAITING_FRAMES = 1_000

  interface Frame {
    numberOfFrames: number
    sampleRate: number
    copyTo(target: Float32Array, options: { planeIndex: number; format: string }): void
    close(): void
  }

  interface Recording {
    chunks: Float32Array[]
    samples: number
    /** Earliest wall-clock moment at which the first sample can have been there. */
    startedAtMs: number
    stop(): void
  }

  const peers: RTCPeerConnection[] = []
  const Native = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      peers.push(this)
      this.addEventListener('track', ({ track }) => void noteFirstAudible(track))
    }
  }

  const wallClockMs = () => performance.timeOrigin + performance.now()

  const moments: { lastClickAtMs: number | null; firstAudibleAtMs: number | null } = {
    lastClickAtMs: null,
    firstAudibleAtMs: null,
  }
  addEventListener(
    'click',
    () => Object.assign(moments, { lastClickAtMs: wallClockMs(), firstAudibleAtMs: null }),
    true,
  )

  function framesOf(track: MediaStreamTrack): ReadableStreamDefaultReader<Frame> {
    type ProcessorClass = new (init: {
      track: MediaStreamTrack
      maxBufferSize: number
    }) => {
      readable: ReadableStream<Frame>
    }
    const { MediaStreamTrackProcessor } = window as unknown as { MediaStreamTrackProcessor: ProcessorClass }
    return new MediaStreamTrackProcessor({ track, maxBufferSize: MAX_WAITING_FRAMES }).readable.getReader()
  }

  function samplesOf(frame: Frame): Float32Array {
    const samples = new Float32Array(frame.numberOfFrames)
    frame.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
    frame.close()
    return samples
  }

  async function noteFirstAudible(track: MediaStreamTrack): Promise<void> {
    const reader = framesOf(track)
    for (;;) {
      const { done, value } = await reader.read()
      if (done || !value) return
      if (!samplesOf(value).some((sample) => Math.abs(sample) > AUDIBLE_AMPLITUDE)) continue
      moments.firstAudibleAtMs ??= wallClockMs()
      return void reader.cancel()
    }
  }

  function record(track: MediaStreamTrack): Recording {
    const reader = framesOf(track)
    const recording: Recording = {
      chunks: [],
      samples: 0,
      startedAtMs: Number.POSITIVE_INFINITY,
      stop: () => void reader.cancel(),
    }
    const readOn = async (): Promise<void> => {
      const { done, value } = await reader.read()
      if (done || !value) return
      const beganAtMs = wallClockMs() - ((recording.samples + value.numberOfFrames) * 1_000) / value.sampleRate
      recording.startedAtMs = Math.min(recording.startedAtMs, beganAtMs)
      const chunk = samplesOf(value)
      recording.chunks.push(chunk)
      recording.samples += chunk.length
      return readOn()
    }
    void readOn()
    return recording
  }

  /** All recordings as one, from the latest start on, as base64 of 16-bit samples. */
  function mixed(recordings: Recording[]): { startedAtMs: number; base64: string } {
    const heard = recordings.filter((recording) => recording.samples > 0)
    if (heard.length === 0) return { startedAtMs: wallClockMs(), base64: '' }
    const startedAtMs = Math.max(...heard.map((recording) => recording.startedAtMs))
    const tracks = heard.map((recording) => {
      const whole = new Float32Array(recording.samples)
      let at = 0
      for (const chunk of recording.chunks) {
        whole.set(chunk, at)
        at += chunk.length
      }
      return whole.subarray(Math.round(((startedAtMs - recording.startedAtMs) * CAPTURE_RATE_HZ) / 1_000))
    })
    const length = Math.min(...tracks.map((track) => track.length))
    const samples = new Int16Array(length)
    for (let i = 0; i < length; i++) {
      const sum = tracks.reduce((total, track) => total + (track[i] ?? 0), 0)
      samples[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum * 32_768)))
    }
    const bytes = new Uint8Array(samples.buffer)
    let text = ''
    for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192))
    return { startedAtMs, base64: btoa(text) }
  }

  const slotTracks = () =>
    [...document.querySelectorAll<HTMLAudioElement>('audio[data-slot]')].flatMap((element) =>
      element.srcObject instanceof MediaStream ? element.srcObject.getAudioTracks() : [],
    )
  const microphoneTracks = () =>
    peers
      .filter((peer) => peer.connectionState === 'connected')
      .flatMap((peer) => peer.getSenders().flatMap((sender) => (sender.track ? [sender.track] : [])))

  let current: Recording[] = []
  Object.assign(window, {
    engawaHooks: {
      peers,
      moments,
      startCapture(what: 'heard' | 'microphone') {
        current = (what === 'heard' ? slotTracks() : microphoneTracks()).map(record)
        return current.length
      },
      stopCapture() {
        for (const recording of current) recording.stop()
        return mixed(current)
      },
    },
  })
}
