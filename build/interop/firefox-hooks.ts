/** What the tests reach in Firefox's page, beside `window.engawaHooks.peers`. */
interface FirefoxHooks {
  /** Records each track by itself; answers how many there are. */
  startCapture(what: 'heard' | 'microphone'): number
  /** The recordings since, each a whole Ogg Opus file in base64. */
  stopCapture(): Promise<string[]>
}

declare global {
  interface Window {
    firefoxHooks: FirefoxHooks
  }
}

/**
 * Runs in Firefox's page before its own scripts (a WebDriver BiDi preload script), as harness/page-hooks.ts does in
 * Chromium's. Firefox has no MediaStreamTrackProcessor on the main thread, its fake microphone is a tone, and without a
 * sound card an AudioContext of Firefox never runs. So a media element plays the clip into getUserMedia, and
 * MediaRecorders capture: both keep time by the system's clock. Self-contained: it is sent as text.
 *
 * `wavBase64`: the clip that the microphone plays in a loop.
 */
export function installFirefoxHooks(wavBase64: string): void {
  /** Often enough that no recorder holds much when it stops. */
  const CHUNK_MS = 500

  interface CapturingAudio extends HTMLAudioElement {
    /** Firefox's name for captureStream. */
    mozCaptureStream(): MediaStream
  }

  interface Recording {
    recorder: MediaRecorder
    chunks: Blob[]
  }

  const peers: RTCPeerConnection[] = []
  const Native = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      peers.push(this)
    }
  }

  async function openClip(): Promise<MediaStream> {
    const bytes = Uint8Array.from(atob(wavBase64), (letter) => letter.charCodeAt(0))
    const player = new Audio(URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' }))) as CapturingAudio
    player.loop = true
    const stream = player.mozCaptureStream()
    await player.play()
    return stream
  }
  navigator.mediaDevices.getUserMedia = openClip

  const slotTracks = () =>
    [...document.querySelectorAll<HTMLAudioElement>('audio[data-slot]')].flatMap((element) =>
      element.srcObject instanceof MediaStream ? element.srcObject.getAudioTracks() : [],
    )
  const microphoneTracks = () =>
    peers
      .filter((peer) => peer.connectionState === 'connected')
      .flatMap((peer) => peer.getSenders().flatMap((sender) => (sender.track ? [sender.track] : [])))

  function record(track: MediaStreamTrack): Recording {
    const recording: Recording = { recorder: new MediaRecorder(new MediaStream([track])), chunks: [] }
    recording.recorder.ondataavailable = ({ data }) => recording.chunks.push(data)
    recording.recorder.start(CHUNK_MS)
    return recording
  }

  async function finish({ recorder, chunks }: Recording): Promise<string> {
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }))
    recorder.stop()
    await stopped
    const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer())
    let text = ''
    for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192))
    return btoa(text)
  }

  let current: Recording[] = []
  Object.assign(window, {
    engawaHooks: { peers },
    firefoxHooks: {
      startCapture(what: 'heard' | 'microphone') {
        current = (what === 'heard' ? slotTracks() : microphoneTracks()).map(record)
        return current.length
      },
      stopCapture: () => Promise.all(current.map(finish)),
    },
  })
}
