import { SECTION_COUNT } from '../../sfu-core/contract/media.ts'
import type { Pcm } from '../audio/pcm.ts'
import { type ApiGuest, joinByApi } from './api-guest.ts'

/**
 * The third client: libwebrtc for Node (@roamhq/wrtc), another build and another age of libwebrtc than the browsers',
 * without a browser's defaults. Comes by the API, as somebody's own program would.
 */
export interface WrtcGuest extends AsyncDisposable {
  /** The participant's number: the CSRC of what they say. */
  number: number
  act: ApiGuest['act']
  /** Sends the clip in a loop from now on. Idempotent. */
  speak(clip: Pcm): Promise<void>
  /** All slots mixed, in real time. */
  hear(lengthMs: number): Promise<Pcm>
  /** Who is or was heard in the last 10 s: the CSRCs of all slots. */
  contributingSources(): number[]
}

type Wrtc = typeof import('@roamhq/wrtc')

/** What the sink gives: 10 ms of one track. */
interface SinkData {
  samples: Int16Array
  sampleRate: number
  channelCount: number
}

const FRAME_MS = 10
/** A timer that was held up longer leaves the rest out. */
const CATCH_UP_MAX_FRAMES = 20

async function load(): Promise<Wrtc> {
  const { default: wrtc } = (await import('@roamhq/wrtc')) as unknown as { default: Wrtc }
  return wrtc
}

/** Why the third client cannot be tested here, as one sentence; null where it can. */
export async function whyNoWrtc(): Promise<string | null> {
  try {
    await load()
    return null
  } catch (error) {
    return `The native part of @roamhq/wrtc does not load: ${error instanceof Error ? error.message : String(error)}`
  }
}

export async function openWrtcGuest(inviteLink: string, name: string): Promise<WrtcGuest> {
  const { RTCPeerConnection, nonstandard } = await load()
  const api = await joinByApi(inviteLink, name)
  const connection = new RTCPeerConnection()
  const source = new nonstandard.RTCAudioSource()
  const transceivers = Array.from({ length: SECTION_COUNT }, (_, section) =>
    connection.addTransceiver('audio', { direction: section === 0 ? 'sendrecv' : 'recvonly' }),
  )
  await connection.setLocalDescription(await connection.createOffer())
  const offer = connection.localDescription
  if (offer === null) throw new Error('the third client made no offer')
  const { answerSdp, participant } = await api.offer(offer.sdp)
  await connection.setRemoteDescription({ type: 'answer', sdp: answerSdp })
  await connected(connection)
  let endSpeech = (): void => undefined
  return {
    act: api.act,
    number: participant.number,
    speak: async (clip) => {
      endSpeech()
      endSpeech = play(source, clip)
      await transceivers[0]?.sender.replaceTrack(source.createTrack())
    },
    hear: async (lengthMs) => {
      const sinks = transceivers.map(({ receiver }) => recordTrack(new nonstandard.RTCAudioSink(receiver.track)))
      await new Promise((resolve) => setTimeout(resolve, lengthMs))
      return mixed(sinks.map((stop) => stop()))
    },
    contributingSources: () =>
      transceivers.flatMap(({ receiver }) => receiver.getContributingSources().map(({ source }) => source)),
    [Symbol.asyncDispose]: async () => {
      endSpeech()
      connection.close()
      await api[Symbol.asyncDispose]()
    },
  }
}

function connected(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (connection.connectionState === 'connected') resolve()
      if (connection.connectionState === 'failed') reject(new Error('the third client did not connect'))
    }
    connection.onconnectionstatechange = look
    look()
  })
}

/** Feeds the clip in a loop, by the clock. Returns the end. */
function play(source: InstanceType<Wrtc['nonstandard']['RTCAudioSource']>, clip: Pcm): () => void {
  const perFrame = (clip.sampleRateHz * FRAME_MS) / 1_000
  const samples = Int16Array.from(clip.samples, (sample) => sample * 32_767)
  const frames = Math.floor(samples.length / perFrame)
  const startedAtMs = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - startedAtMs) / FRAME_MS)
    sent = Math.max(sent, due - CATCH_UP_MAX_FRAMES)
    for (; sent < due; sent++) {
      const from = (sent % frames) * perFrame
      source.onData({ samples: samples.slice(from, from + perFrame), sampleRate: clip.sampleRateHz })
    }
  }, FRAME_MS)
  return () => clearInterval(timer)
}

/** Returns the way to stop, which answers with what was heard. */
function recordTrack(sink: InstanceType<Wrtc['nonstandard']['RTCAudioSink']>): () => Pcm {
  const chunks: Int16Array[] = []
  let sampleRateHz = 48_000
  sink.ondata = (data: SinkData) => {
    sampleRateHz = data.sampleRate
    chunks.push(firstChannel(data))
  }
  return () => {
    sink.stop()
    const samples = new Float32Array(chunks.reduce((total, chunk) => total + chunk.length, 0))
    let at = 0
    for (const chunk of chunks) for (const sample of chunk) samples[at++] = sample / 32_768
    return { sampleRateHz, samples }
  }
}

/** A copy: the sink's memory is its own. */
function firstChannel({ samples, channelCount }: SinkData): Int16Array {
  return Int16Array.from({ length: samples.length / channelCount }, (_, i) => samples[i * channelCount] ?? 0)
}

function mixed(tracks: Pcm[]): Pcm {
  const [first] = tracks
  if (!first) throw new Error('nothing to hear')
  const samples = new Float32Array(Math.max(...tracks.map((track) => track.samples.length)))
  for (const track of tracks) {
    for (let i = 0; i < track.samples.length; i++) samples[i] = (samples[i] ?? 0) + (track.samples[i] ?? 0)
  }
  return { sampleRateHz: Math.max(...tracks.map((track) => track.sampleRateHz)), samples }
}
