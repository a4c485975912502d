import { create } from 'zustand'
import { DEFAULT_TAPE_CHOICE, type TapeChoice } from '../tape/tape-port.ts'

/** One microphone or speaker of this computer. */
export interface AudioDevice {
  id: string
  /** Empty until the microphone was allowed once: browsers hide names until then. */
  label: string
}

interface DevicesStore {
  microphones: readonly AudioDevice[]
  speakers: readonly AudioDevice[]
  /** The browser lets a page choose where sound goes. Safari and older Firefox do not. */
  speakersSelectable: boolean
  /** Null: the system's default. A chosen device that is unplugged stays chosen until another is. */
  microphoneId: string | null
  speakerId: string | null
  /** What is recorded on this computer, where a room is recorded. */
  tape: TapeChoice
  chooseMicrophone: (id: string | null) => void
  chooseSpeaker: (id: string | null) => void
  chooseTape: (choice: TapeChoice) => void
  /** Asks the browser anew; names may have become known. */
  refresh: () => Promise<void>
}

const MICROPHONE_KEY = 'engawa.microphone'
const SPEAKER_KEY = 'engawa.speaker'
const TAPE_KEY = 'engawa.tape'
const TAPE_SOURCES: readonly string[] = ['processed', 'unprocessed', 'both'] satisfies TapeChoice['sources'][]

/** Which microphone and speaker this browser uses. */
export const useDevices = create<DevicesStore>((set) => ({
  microphones: [],
  speakers: [],
  speakersSelectable: typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype,
  microphoneId: localStorage.getItem(MICROPHONE_KEY),
  speakerId: localStorage.getItem(SPEAKER_KEY),
  tape: tapeChoiceFrom(localStorage.getItem(TAPE_KEY)),
  chooseMicrophone: (microphoneId) => {
    keep(MICROPHONE_KEY, microphoneId)
    set({ microphoneId })
  },
  chooseSpeaker: (speakerId) => {
    keep(SPEAKER_KEY, speakerId)
    set({ speakerId })
  },
  chooseTape: (tape) => {
    keep(TAPE_KEY, `${tape.sources} ${tape.stereo ? 'stereo' : 'mono'}`)
    set({ tape })
  },
  refresh: async () => {
    if (typeof navigator.mediaDevices?.enumerateDevices !== 'function') return
    // A browser that refuses the list shows the default only.
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => [])
    set({ microphones: ofKind(devices, 'audioinput'), speakers: ofKind(devices, 'audiooutput') })
  },
}))

function keep(key: string, id: string | null): void {
  if (id === null) localStorage.removeItem(key)
  else localStorage.setItem(key, id)
}

/** `both stereo` and the like; what is not understood is the default. Pure. */
export function tapeChoiceFrom(text: string | null): TapeChoice {
  const [sources = '', width] = (text ?? '').split(' ')
  if (!TAPE_SOURCES.includes(sources)) return DEFAULT_TAPE_CHOICE
  return { sources: sources as TapeChoice['sources'], stereo: width === 'stereo' }
}

/** Chromium's ids for "whatever the system uses": our own null says the same. */
const ALIASES: readonly string[] = ['', 'default', 'communications']

/** The devices of a kind that can be chosen. Pure. */
export function ofKind(
  devices: readonly Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[],
  kind: MediaDeviceKind,
): AudioDevice[] {
  return devices
    .filter((device) => device.kind === kind && !ALIASES.includes(device.deviceId))
    .map(({ deviceId, label }) => ({ id: deviceId, label }))
}

/** Keeps the lists right while devices come and go; `onChange` hears of each change. Returns the end. */
export function watchDevices(onChange: () => void = () => undefined): () => void {
  const { refresh } = useDevices.getState()
  void refresh()
  const devices = navigator.mediaDevices as MediaDevices | undefined
  const changed = () => void refresh().then(onChange)
  devices?.addEventListener('devicechange', changed)
  return () => devices?.removeEventListener('devicechange', changed)
}
