import { TAPE_SAMPLE_RATE_HZ } from '../../sfu-core/contract/tape.ts'
import captureWorkletUrl from './capture-worklet.ts?worker&url'
import type { CaptureFeed } from './worker/messages.ts'

/** A track's samples on their way to the worker. */
export interface Capture {
  readonly feed: CaptureFeed
  readonly transfer: Transferable[]
  /** Idempotent. Does not stop the track. */
  stop(): void
}

/** Frames are 10 ms: a worker that is held up for ten seconds loses none. */
const MAX_WAITING_FRAMES = 1_000

interface TrackProcessor {
  readonly readable: ReadableStream<AudioData>
}
type TrackProcessorClass = new (init: { track: MediaStreamTrack; maxBufferSize: number }) => TrackProcessor

/**
 * Takes the samples of a track. In Chromium by MediaStreamTrackProcessor: what the microphone delivered, sample by sample, also
 * while the page or the worker is busy (883,323 samples of a fake device bit-exact in 20 s with both held up for 400 ms again and again; the AudioWorklet
 * lost 500 at its start). Elsewhere by an AudioWorklet, whose context runs by the loudspeaker's clock; there
 * the browser evens out the difference to the microphone's. `onSuspended`: that context stands still.
 */
export async function openCapture(track: MediaStreamTrack, onSuspended: () => void): Promise<Capture> {
  const { MediaStreamTrackProcessor } = globalThis as { MediaStreamTrackProcessor?: TrackProcessorClass }
  return MediaStreamTrackProcessor === undefined
    ? openWorklet(track, onSuspended)
    : openProcessor(track, MediaStreamTrackProcessor)
}

function openProcessor(track: MediaStreamTrack, Processor: TrackProcessorClass): Capture {
  const { readable } = new Processor({ track, maxBufferSize: MAX_WAITING_FRAMES })
  return { feed: { kind: 'frames', readable }, transfer: [readable], stop: () => undefined }
}

async function openWorklet(track: MediaStreamTrack, onSuspended: () => void): Promise<Capture> {
  const { context, source } = openContext(track)
  await context.audioWorklet.addModule(captureWorkletUrl)
  const node = new AudioWorkletNode(context, 'engawa-capture', { numberOfInputs: 1, numberOfOutputs: 0 })
  source.connect(node)
  const { port1, port2 } = new MessageChannel()
  node.port.postMessage(port1, [port1])
  const stopWaking = keepRunning(context, onSuspended)
  return {
    feed: { kind: 'worklet', port: port2, rateHz: context.sampleRate },
    transfer: [port2],
    stop: () => {
      stopWaking()
      if (context.state !== 'closed') void context.close()
    },
  }
}

/** Firefox connects no microphone to a context of another rate than the device's: then the device's is taken, and the worker resamples. */
function openContext(track: MediaStreamTrack): { context: AudioContext; source: MediaStreamAudioSourceNode } {
  const stream = new MediaStream([track])
  const context = new AudioContext({ sampleRate: TAPE_SAMPLE_RATE_HZ, latencyHint: 'playback' })
  try {
    return { context, source: context.createMediaStreamSource(stream) }
  } catch {
    void context.close()
    const ofDevice = new AudioContext({ latencyHint: 'playback' })
    return { context: ofDevice, source: ofDevice.createMediaStreamSource(stream) }
  }
}

/** A call on the phone, or the wait for a first click, suspends the context: it is woken as soon as the browser lets us. */
function keepRunning(context: AudioContext, onSuspended: () => void): () => void {
  const wake = () => {
    if (context.state !== 'running' && context.state !== 'closed') void context.resume().catch(() => undefined)
  }
  const look = () => {
    if (context.state === 'running' || context.state === 'closed') return
    onSuspended()
    wake()
  }
  context.addEventListener('statechange', look)
  addEventListener('pointerdown', wake)
  addEventListener('keydown', wake)
  document.addEventListener('visibilitychange', wake)
  look()
  return () => {
    context.removeEventListener('statechange', look)
    removeEventListener('pointerdown', wake)
    removeEventListener('keydown', wake)
    document.removeEventListener('visibilitychange', wake)
  }
}
