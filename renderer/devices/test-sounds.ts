/**
 * Sounds for tests, played the way the room is played: through an <audio> element on the chosen speaker.
 * The element is fed by a stream, so that no blob: address is needed in the page's Content-Security-Policy.
 */
export interface Playback {
  /** Resolves when the sound is over; rejects where the browser would not play. */
  readonly done: Promise<void>
  /** Idempotent. */
  stop(): void
}

/** Two soft notes, a fifth apart. */
const TONE_NOTES = [
  { atS: 0.05, frequencyHz: 440 },
  { atS: 0.4, frequencyHz: 660 },
] as const
const TONE_LENGTH_S = 0.9
const NOTE_LENGTH_S = 0.4
const NOTE_GAIN = 0.18

/** Plays the test tone. `speakerId` null: the system's default. */
export function playTone(speakerId: string | null): Playback {
  return play(speakerId, async (context, output) => {
    for (const { atS, frequencyHz } of TONE_NOTES) {
      const start = context.currentTime + atS
      const note = new OscillatorNode(context, { frequency: frequencyHz })
      const gain = new GainNode(context, { gain: 0 })
      gain.gain.setValueAtTime(0, start)
      gain.gain.linearRampToValueAtTime(NOTE_GAIN, start + 0.03)
      gain.gain.linearRampToValueAtTime(0, start + NOTE_LENGTH_S)
      note.connect(gain).connect(output)
      note.start(start)
      note.stop(start + NOTE_LENGTH_S)
    }
    return TONE_LENGTH_S
  })
}

/** Plays a recording made by `recordFor`. */
export function playRecording(recording: Blob, speakerId: string | null): Playback {
  return play(speakerId, async (context, output) => {
    const buffer = await context.decodeAudioData(await recording.arrayBuffer())
    const source = new AudioBufferSourceNode(context, { buffer })
    source.connect(output)
    source.start()
    return buffer.duration
  })
}

/** Records a microphone for some time. @throws what MediaRecorder throws. */
export function recordFor(track: MediaStreamTrack, lengthMs: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const recorder = new MediaRecorder(new MediaStream([track]))
    const parts: Blob[] = []
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data))
    recorder.addEventListener('stop', () => resolve(new Blob(parts, { type: recorder.mimeType })))
    recorder.addEventListener('error', () => reject(new Error('The recording failed.')))
    recorder.start()
    setTimeout(() => recorder.state !== 'inactive' && recorder.stop(), lengthMs)
  })
}

type Source = (context: AudioContext, output: AudioNode) => Promise<number>

function play(speakerId: string | null, source: Source): Playback {
  const context = new AudioContext()
  const output = new MediaStreamAudioDestinationNode(context)
  const element = new Audio()
  element.srcObject = output.stream
  let over: (() => void) | null = null
  let stopped = false
  const stop = () => {
    if (stopped) return
    stopped = true
    element.pause()
    element.srcObject = null
    void context.close()
    over?.()
  }
  const run = async () => {
    await direct(element, speakerId)
    await Promise.all([element.play(), context.resume()])
    const lengthS = await source(context, output)
    await new Promise<void>((resolve) => {
      over = resolve
      setTimeout(resolve, lengthS * 1_000 + 200)
    })
  }
  return { done: run().finally(stop), stop }
}

async function direct(element: HTMLAudioElement, speakerId: string | null): Promise<void> {
  if (speakerId === null || !('setSinkId' in element)) return
  // A speaker that is gone: the default is heard instead.
  await element.setSinkId(speakerId).catch(() => undefined)
}
