import type { BrowserContext } from 'playwright-core'
import { readWav } from '../audio/pcm.ts'
import { clipOf, type Voice } from './person.ts'

/** Samples a ms, as in a tape. */
const PER_MS = 48
/** The hash's second half: voices with other seeds have other noise. */
const SEED_STEP = 7_919

declare global {
  interface Window {
    clockVoice: {
      /** The microphones are away for so long, as when a sound card stalls: what would have been said then is never said. */
      pause(durationMs: number): void
      /** As if somebody pulled the plug of the microphone that was opened last. */
      unplug(): void
    }
  }
}

/**
 * What a clock voice says at sample `at` after its epoch, 16 bit: speech, and noise at -60 dBFS that tells each sample from all
 * others. Self-contained: it is also sent as text. `at` is less than 2^31 (12 hours).
 */
export function voiceSample(at: number, speech: Int16Array, seed: number): number {
  const half = at >> 1
  const here = speech[half % speech.length] ?? 0
  const next = speech[(half + 1) % speech.length] ?? 0
  const said = (at & 1) === 1 ? (here + next) >> 1 : here
  let hash = Math.imul(at ^ seed, 0x9e3779b1)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  return Math.max(-32_768, Math.min(32_767, said + (hash & 63) - 32))
}

/**
 * A microphone whose every sample tells the moment at which it was said, by the machine's own clock: the truth about where sound
 * belongs, of which none of our clocks knows. Real speech under it.
 */
export interface ClockVoice {
  readonly epochMs: number
  /** 16 bit, from one moment (ms since the Unix epoch) to another. */
  said(fromMs: number, toMs: number): Int16Array
  /** Gives this voice to all microphones of a browser's pages. The context must bypass CSP. */
  install(context: BrowserContext): Promise<void>
}

/** `epochMs`: when its samples begin to count. Voices of one test share it. */
export function clockVoice(voice: Voice, options: { epochMs: number; number: number }): ClockVoice {
  const { epochMs, number } = options
  const { samples } = readWav(clipOf(voice))
  const speech = Int16Array.from(samples, (sample) => Math.round(sample * 32_768 * 0.9))
  const seed = number * SEED_STEP
  return {
    epochMs,
    said(fromMs, toMs) {
      const from = Math.round((fromMs - epochMs) * PER_MS)
      const length = Math.round((toMs - fromMs) * PER_MS)
      return Int16Array.from({ length }, (_, i) => voiceSample(from + i, speech, seed))
    },
    install: async (context) => {
      await context.addInitScript(installVoice, {
        epochMs,
        seed,
        speech: Buffer.from(speech.buffer).toString('base64'),
        sampleText: voiceSample.toString(),
      })
    },
  }
}

interface VoiceInit {
  epochMs: number
  seed: number
  speech: string
  sampleText: string
}

/** Runs in the page before its own scripts. Self-contained: it is sent as text. */
function installVoice({ epochMs, seed, speech, sampleText }: VoiceInit): void {
  /** Frames of 10 ms, each handed over when its last sample has been said, as a sound card does; never earlier. */
  const workerText = `
    const voiceSample = ${sampleText}
    const wallMs = () => performance.timeOrigin + performance.now()
    let silentFromMs = 0
    let silentUntilMs = 0
    onmessage = ({ data }) => {
      if (data.pauseMs) { silentFromMs = wallMs(); silentUntilMs = silentFromMs + data.pauseMs; return }
      const { writable, epochMs, seed, speech } = data
      const writer = writable.getWriter()
      let next = Math.floor((wallMs() - epochMs) / 10)
      const say = () => {
        while ((next + 1) * 10 <= wallMs() - epochMs) {
          const saidMs = (next + 1) * 10 + epochMs
          // What was said before is still handed over, however late this worker is.
          if (saidMs <= silentFromMs || saidMs > silentUntilMs) {
            const frame = new Float32Array(480)
            for (let i = 0; i < 480; i++) frame[i] = voiceSample(next * 480 + i, speech, seed) / 32768
            writer.write(new AudioData({ format: 'f32', sampleRate: 48000, numberOfFrames: 480, numberOfChannels: 1,
              timestamp: next * 10000, data: frame })).catch(() => clearInterval(timer))
          }
          next++
        }
      }
      const timer = setInterval(say, 4)
    }`
  const workerUrl = URL.createObjectURL(new Blob([workerText], { type: 'text/javascript' }))
  const words = new Int16Array(Uint8Array.from(atob(speech), (char) => char.charCodeAt(0)).buffer)
  const running: { worker: Worker; track: MediaStreamTrack }[] = []
  const devices = ['one', 'two']
  const { MediaStreamTrackGenerator } = window as unknown as {
    MediaStreamTrackGenerator: new (init: { kind: 'audio' }) => MediaStreamTrack & { writable: WritableStream }
  }

  function open(deviceId: string): MediaStreamTrack {
    const track = new MediaStreamTrackGenerator({ kind: 'audio' })
    const worker = new Worker(workerUrl)
    const { writable } = track
    worker.postMessage({ writable, epochMs, seed, speech: words }, [writable])
    running.push({ worker, track })
    const settings = { deviceId, sampleRate: 48_000, channelCount: 1 }
    Object.defineProperty(track, 'getSettings', { value: () => settings })
    Object.defineProperty(track, 'label', { value: `Clock microphone ${deviceId}` })
    const stop = track.stop.bind(track)
    track.stop = () => {
      worker.terminate()
      stop()
    }
    return track
  }

  function wanted(constraints: MediaStreamConstraints | undefined): string {
    const audio = constraints?.audio
    const id = typeof audio === 'object' ? audio.deviceId : undefined
    const exact = typeof id === 'object' && !Array.isArray(id) ? id.exact : id
    return typeof exact === 'string' && devices.includes(exact) ? exact : (devices[0] ?? '')
  }

  const media = navigator.mediaDevices
  if (media === undefined) return
  media.getUserMedia = async (constraints) => new MediaStream([open(wanted(constraints))])
  media.enumerateDevices = async () =>
    devices.map((deviceId) => {
      const label = `Clock microphone ${deviceId}`
      return { kind: 'audioinput', deviceId, label, groupId: deviceId, toJSON: () => ({}) } as MediaDeviceInfo
    })
  window.clockVoice = {
    pause: (durationMs) => {
      for (const { worker } of running) worker.postMessage({ pauseMs: durationMs })
    },
    unplug: () => {
      const last = running.at(-1)
      if (last === undefined) return
      devices.shift()
      last.track.stop()
      last.track.dispatchEvent(new Event('ended'))
      media.dispatchEvent(new Event('devicechange'))
    },
  }
}
